import Inference
import Testing

@Suite("Stop matcher")
struct StopMatcherTests {
    /// Feeds pieces; what was emitted after each, the rest at the end, and whether it stopped.
    private func run(_ stops: [String], _ pieces: [String]) -> (pieces: [String], rest: String, hasStopped: Bool) {
        var matcher = StopMatcher(stops)
        let emitted = pieces.map { matcher.append($0) }
        return (emitted, matcher.finish(), matcher.hasStopped)
    }

    @Test("without stop texts everything is emitted at once")
    func none() {
        #expect(run([], ["a", "b"]) == (["a", "b"], "", false))
        #expect(run([""], ["a", "b"]) == (["a", "b"], "", false))
    }

    @Test("a stop text that spans pieces is found; neither it nor what follows is emitted")
    func spans() {
        #expect(run(["STOP"], ["one S", "TO", "P two", "three"]) == (["one ", "", "", ""], "", true))
        #expect(run(["\n\n"], ["a\n", "\nb"]) == (["a", ""], "", true))
    }

    @Test("what could become a stop text is held back, and given out once it cannot")
    func holdsBack() {
        #expect(run(["STOP"], ["a S", "TO", "RE"]) == (["a ", "", "STORE"], "", false))
        #expect(run(["STOP"], ["a ST"]) == (["a "], "ST", false))
        #expect(run(["aab"], ["a", "a", "a", "b"]) == (["", "", "a", ""], "", true))
    }

    @Test("the earliest of several stop texts counts")
    func earliest() {
        #expect(run(["yz", "x"], ["abcxyz"]) == (["abc"], "", true))
        #expect(run(["cd", "bcd"], ["abcde"]) == (["a"], "", true))
    }

    @Test("the stop text that is complete first counts, however the text is cut into pieces")
    func pieces() {
        for pieces in [["abcdef"], ["abcd", "ef"], ["a", "b", "c", "d", "e", "f"], ["abc", "def"]] {
            var matcher = StopMatcher(["bcde", "cd"])
            #expect(pieces.map { matcher.append($0) }.joined() + matcher.finish() == "ab")
            #expect(matcher.found == "cd")
        }
    }

    @Test("finds what a search through the whole text finds, whatever repeats in it")
    func random() {
        var state: UInt64 = 9
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        func text(_ count: Int) -> String { String((0..<count).map { _ in next(2) == 0 ? "a" : "b" }) }
        for _ in 0..<2000 {
            let stops = (0..<1 + next(3)).map { _ in text(1 + next(6)) }
            let whole = text(next(24))
            // The end of the first complete stop text, and the longest that ends there.
            let end = (0...whole.count).first { end in stops.contains { whole.prefix(end).hasSuffix($0) } }
            let expected = end.map { end in
                whole.prefix(end - (stops.filter { whole.prefix(end).hasSuffix($0) }.map(\.count).max() ?? 0))
            }
            var matcher = StopMatcher(stops)
            var (emitted, rest) = ("", whole[...])
            while !rest.isEmpty {
                let piece = rest.prefix(1 + next(5))
                rest = rest.dropFirst(piece.count)
                emitted += matcher.append(String(piece))
                // Nothing is held back that could not become a stop text.
                let held = whole.dropLast(rest.count).dropFirst(emitted.count)
                #expect(matcher.hasStopped || held.isEmpty || stops.contains { $0.hasPrefix(held) })
            }
            #expect(emitted + matcher.finish() == expected ?? whole[...])
            #expect(matcher.hasStopped == (end != nil))
        }
    }

    @Test("a long stop text that the answer nearly repeats costs no more than a short one", .timeLimit(.minutes(1)))
    func longStop() {
        var matcher = StopMatcher([String(repeating: "a", count: 400_000)])
        var emitted = 0
        for _ in 0..<200_000 { emitted += matcher.append("aab").utf8.count }
        #expect(emitted == 600_000 && !matcher.hasStopped)
        for _ in 0..<99_999 { emitted += matcher.append("aaaa").utf8.count }
        #expect(emitted == 600_000)
        #expect(matcher.append("aaaa").isEmpty && matcher.hasStopped)
    }

    @Test("stop texts are bytes: text that is only equivalent does not stop, and no character is split")
    func bytes() {
        #expect(run(["\u{e9}"], ["cafe\u{301}"]).hasStopped == false)
        #expect(run(["\u{e9}"], ["caf\u{e9}"]) == (["caf"], "", true))
        // U+20AC and U+20AD share their first two bytes.
        #expect(run(["\u{20ad}"], ["1 \u{20ac}", " 2"]) == (["1 \u{20ac}", " 2"], "", false))
    }
}

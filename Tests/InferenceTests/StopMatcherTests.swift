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

    @Test("stop texts are bytes: text that is only equivalent does not stop, and no character is split")
    func bytes() {
        #expect(run(["\u{e9}"], ["cafe\u{301}"]).hasStopped == false)
        #expect(run(["\u{e9}"], ["caf\u{e9}"]) == (["caf"], "", true))
        // U+20AC and U+20AD share their first two bytes.
        #expect(run(["\u{20ad}"], ["1 \u{20ac}", " 2"]) == (["1 \u{20ac}", " 2"], "", false))
    }
}

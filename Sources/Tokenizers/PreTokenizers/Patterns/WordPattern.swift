/// A regular expression that finds words, compiled: leftmost, the first alternative that matches, by trying and giving back.
///
/// What it costs is proportional to the text for the patterns that tokenizers use: a repeated set gives back only where the rest could take what
/// it leaves, and places where a pattern cannot begin are passed over. A class, so that using it from a list copies nothing.
final class WordPattern: Sendable {
    private let instructions: [PatternInstruction]
    private let sets: [ScalarBitmap]
    /// The number of the set of all scalars that a match can begin with.
    private let beginning: Int
    /// Where every match begins with a run of unbounded length, the number of its set: where the run led to none, no match begins within it, for the
    /// rest was tried at each place in it.
    private let leadingRun: Int?

    /// Compiles a pattern.
    ///
    /// - Throws: ``PatternError`` where it is none, or none that is supported, or may match nothing.
    init(_ source: String) throws(PatternError) {
        let alternatives = try PatternParser.parse(source)
        var compiler = PatternCompiler()
        try compiler.compile(alternatives)
        instructions = compiler.instructions
        let whole = compiler.rests[0]
        guard !whole.isMaybeEmpty else { throw PatternError("a pattern that matches the empty text", at: 0) }
        beginning = compiler.number(of: whole.first)
        sets = compiler.sets.map { ScalarBitmap($0) }
        if alternatives.count == 1, case .scalars(let set, 1, .max, _) = instructions.first {
            leadingRun = set
        } else {
            leadingRun = nil
        }
    }

    /// Whether every text is a row of matches: each scalar is one by itself, whatever is around it.
    static func coversAll(_ source: String) -> Bool {
        guard let alternatives = try? PatternParser.parse(source) else { return false }
        let single = alternatives.compactMap { nodes -> ScalarSet? in
            let needed = nodes.filter { if case .scalars(_, 0, _, _) = $0 { false } else { true } }
            guard needed.count == 1, case .scalars(let set, 1, _, _) = needed[0] else { return nil }
            return set
        }
        return single.reduce(ScalarSet()) { $0.union($1) }.inverted.ranges.isEmpty
    }

    /// How many steps a text of so many bytes is worth: patterns of real tokenizers take less on any text. One of many alternatives has more.
    func steps(bytes: Int) -> Int {
        min(max(256, 2 * instructions.count), 2_048) * bytes + 4_096
    }

    /// The first match at or after `start`; nil where there is none, or where looking for it has taken more steps than there were: one for each
    /// instruction that was tried, and one for each scalar of a run.
    func next(_ text: ScalarText, from start: Int, steps: inout Int) -> Range<Int>? {
        let beginning = sets[self.beginning]
        var index = start
        while let scalar = text.scalar(at: index) {
            guard beginning.contains(scalar.value) else {
                index = scalar.end
                continue
            }
            if let end = match(0, text, index, &steps), end > index { return index..<end }
            guard steps > 0 else { return nil }
            index = leadingRun.map { run(of: $0, text, from: scalar.end, maximum: .max).end } ?? scalar.end
        }
        return nil
    }

    /// The end of the run of a set, and how many scalars it has.
    @inline(__always)
    private func run(of set: Int, _ text: ScalarText, from index: Int, maximum: Int) -> (end: Int, count: Int) {
        var (end, count) = (index, 0)
        while count < maximum, let scalar = text.scalar(at: end), sets[set].contains(scalar.value) {
            (end, count) = (scalar.end, count + 1)
        }
        return (end, count)
    }

    /// Where the match that goes on at an instruction and a place ends; nil where there is none, or no step is left: then nothing more is looked at.
    private func match(_ start: Int, _ text: ScalarText, _ index: Int, _ steps: inout Int) -> Int? {
        var (place, index) = (start, index)
        while true {
            steps -= 1
            guard steps > 0 else { return nil }
            switch instructions[place] {
            case .scalars(let set, let minimum, let maximum, let givesBack):
                var (end, count) = run(of: set, text, from: index, maximum: maximum)
                steps -= count
                guard steps > 0 else { return nil }
                guard count >= minimum else { return nil }
                while givesBack, count > minimum {
                    if let found = match(place + 1, text, end, &steps) { return found }
                    guard steps > 0 else { return nil }
                    end = text.scalarStart(before: end)
                    count -= 1
                }
                index = end
            case .choose(let places):
                for choice in places {
                    if let found = match(choice, text, index, &steps) { return found }
                    guard steps > 0 else { return nil }
                }
                return nil
            case .jump(let target):
                place = target
                continue
            case .lookahead(let set, let isNegated):
                guard (text.scalar(at: index).map { sets[set].contains($0.value) } ?? false) != isNegated else { return nil }
            case .end:
                guard text.scalar(at: index).map({ $0.value == 0x0a }) ?? true else { return nil }
            case .match:
                return index
            }
            place += 1
        }
    }
}

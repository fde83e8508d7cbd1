/// Turns the parts of a regular expression into instructions.
struct PatternCompiler {
    private(set) var instructions: [PatternInstruction] = []
    private(set) var sets: [ScalarSet] = []

    /// The number of a set, which is added where it is new.
    mutating func number(of set: ScalarSet) -> Int {
        if let known = sets.firstIndex(of: set) { return known }
        sets.append(set)
        return sets.count - 1
    }

    /// What can follow each place, once the instructions are there.
    private(set) var rests: [Rest] = []

    /// What the rest of a pattern is like, from some place on.
    struct Rest {
        /// The scalars that it can begin with; never too few.
        let first: ScalarSet
        /// Whether it may match nothing.
        let isMaybeEmpty: Bool
        /// Whether it matches whatever follows.
        let alwaysMatches: Bool
        /// How many places there are, at most, on a way through it where something else may be tried.
        let choices: Int
        /// How many of these are runs of unbounded length.
        let runs: Int
    }

    /// The most places on a way through a pattern where something else may be tried, and how many of them may be runs of unbounded length: beyond, a
    /// pattern could take more time than any text is worth. Those of real tokenizers have five, and one.
    private static let maximumChoices = 12
    private static let maximumRuns = 1

    /// Compiles a whole pattern.
    mutating func compile(_ alternatives: [[PatternNode]]) throws(PatternError) {
        group(alternatives, isOptional: false)
        instructions.append(.match)
        // Instructions lead forward only, so what follows a place is known before it.
        rests = [Rest](
            repeating: Rest(first: ScalarSet(), isMaybeEmpty: true, alwaysMatches: true, choices: 0, runs: 0),
            count: instructions.count
        )
        for place in instructions.indices.reversed() {
            keepWhole(place)
            rests[place] = rest(place)
        }
        guard rests[0].choices <= Self.maximumChoices, rests[0].runs <= Self.maximumRuns else {
            throw PatternError("a pattern with too many ways to match", at: 0)
        }
    }

    private mutating func group(_ alternatives: [[PatternNode]], isOptional: Bool) {
        if alternatives.count == 1, !isOptional {
            sequence(alternatives[0])
            return
        }
        let choice = instructions.count
        instructions.append(.choose([]))
        var (starts, jumps): ([Int], [Int]) = ([], [])
        for alternative in alternatives {
            starts.append(instructions.count)
            sequence(alternative)
            jumps.append(instructions.count)
            instructions.append(.jump(0))
        }
        if isOptional { starts.append(instructions.count) }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
        instructions[choice] = .choose(starts)
    }

    private mutating func sequence(_ nodes: [PatternNode]) {
        for node in nodes {
            switch node {
            case .scalars(let set, let minimum, let maximum, let isPossessive):
                let givesBack = !isPossessive && maximum > minimum
                instructions.append(.scalars(set: number(of: set), minimum: minimum, maximum: maximum, givesBack: givesBack))
            case .group(let alternatives, let isOptional): group(alternatives, isOptional: isOptional)
            case .lookahead(let set, let isNegated): instructions.append(.lookahead(set: number(of: set), isNegated: isNegated))
            case .end: instructions.append(.end)
            }
        }
    }

    /// Has a repeated set give nothing back where that would not help: what follows matches anyway, or must begin with a scalar that is not in the
    /// set, and having got one back it would begin with one that is.
    private mutating func keepWhole(_ place: Int) {
        guard case .scalars(let set, let minimum, let maximum, true) = instructions[place] else { return }
        let next = rests[place + 1]
        guard next.alwaysMatches || !next.isMaybeEmpty && next.first.intersection(sets[set]).ranges.isEmpty else { return }
        instructions[place] = .scalars(set: set, minimum: minimum, maximum: maximum, givesBack: false)
    }

    private func rest(_ place: Int) -> Rest {
        switch instructions[place] {
        case .scalars(let set, let minimum, let maximum, let givesBack):
            let next = rests[place + 1]
            return Rest(
                first: minimum > 0 ? sets[set] : next.first.union(sets[set]),
                isMaybeEmpty: minimum == 0 && next.isMaybeEmpty,
                alwaysMatches: minimum == 0 && next.alwaysMatches,
                choices: next.choices + (givesBack ? 1 : 0),
                runs: next.runs + (givesBack && maximum == .max ? 1 : 0)
            )
        case .choose(let places):
            let all = places.map { rests[$0] }
            return Rest(
                first: all.reduce(ScalarSet()) { $0.union($1.first) },
                isMaybeEmpty: all.contains { $0.isMaybeEmpty },
                alwaysMatches: all.contains { $0.alwaysMatches },
                choices: 1 + (all.map(\.choices).max() ?? 0),
                runs: all.map(\.runs).max() ?? 0
            )
        case .jump(let target): return rests[target]
        case .lookahead, .end:
            // Taken for no condition on what comes first: what is said to be possible is then never too little.
            let next = rests[place + 1]
            return Rest(
                first: next.first,
                isMaybeEmpty: next.isMaybeEmpty,
                alwaysMatches: false,
                choices: next.choices,
                runs: next.runs
            )
        case .match: return Rest(first: ScalarSet(), isMaybeEmpty: true, alwaysMatches: true, choices: 0, runs: 0)
        }
    }
}

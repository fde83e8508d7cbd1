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

    /// Compiles a whole pattern.
    mutating func compile(_ alternatives: [[PatternNode]]) {
        group(alternatives, isOptional: false)
        instructions.append(.match)
        for place in instructions.indices { keepWhole(place) }
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

    /// Has a repeated set give nothing back where what follows must begin with a scalar that is not in the set: having got one back it would fail.
    private mutating func keepWhole(_ place: Int) {
        guard case .scalars(let set, let minimum, let maximum, true) = instructions[place] else { return }
        let next = firstScalars(place + 1)
        guard !next.isMaybeEmpty, next.set.intersection(sets[set]).ranges.isEmpty else { return }
        instructions[place] = .scalars(set: set, minimum: minimum, maximum: maximum, givesBack: false)
    }

    /// The scalars that the rest of a pattern can begin with, and whether it may match nothing.
    func firstScalars(_ place: Int) -> (set: ScalarSet, isMaybeEmpty: Bool) {
        switch instructions[place] {
        case .scalars(let set, let minimum, _, _):
            guard minimum == 0 else { return (sets[set], false) }
            let rest = firstScalars(place + 1)
            return (rest.set.union(sets[set]), rest.isMaybeEmpty)
        case .choose(let places):
            let all = places.map { firstScalars($0) }
            return (all.reduce(ScalarSet()) { $0.union($1.set) }, all.contains { $0.isMaybeEmpty })
        case .jump(let target): return firstScalars(target)
        // Taken for no condition: what is said to be possible is then never too little.
        case .lookahead, .end: return firstScalars(place + 1)
        case .match: return (ScalarSet(), true)
        }
    }
}

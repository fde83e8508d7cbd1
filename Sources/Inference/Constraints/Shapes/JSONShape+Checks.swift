extension JSONShape {
    /// Whether a choice leads back to itself through nothing but choices.
    var hasEndlessChoice: Bool {
        // 0: not seen; 1: on the way; 2: done.
        var marks = [UInt8](repeating: 0, count: nodes.count)
        for start in nodes.indices {
            var path: [(node: Int, next: Int)] = [(start, 0)]
            while let (node, next) = path.last {
                guard case .choice(let members) = nodes[node], marks[node] != 2, next < members.count else {
                    marks[node] = 2
                    path.removeLast()
                    continue
                }
                if next == 0 { marks[node] = 1 }
                path[path.count - 1].next += 1
                if marks[members[next]] == 1 { return true }
                if marks[members[next]] == 0 { path.append((members[next], 0)) }
            }
        }
        return false
    }

    /// Puts the texts of every set into the order of their bytes, each once.
    mutating func sortLiterals() {
        for index in nodes.indices {
            guard case .literals(let texts) = nodes[index] else { continue }
            let sorted = texts.sorted { $0.lexicographicallyPrecedes($1) }
            nodes[index] = .literals(sorted.enumerated().filter { $0.offset == 0 || sorted[$0.offset - 1] != $0.element }.map(\.element))
        }
    }
}

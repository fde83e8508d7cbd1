extension JSONShape {
    /// More ways than these to begin a value are too many, all choices together.
    private static let maximumLeaves = 100_000

    /// For every choice the nodes that are none, which it comes to in the end, each once; for any other node the node itself.
    ///
    /// Choices within choices are resolved here, once: how often they are nested must not matter where a token is waited for.
    ///
    /// - Throws: ``ConstraintError`` where a choice leads back to itself through nothing but choices, or to too many nodes.
    func leaves() throws(ConstraintError) -> [[Int]] {
        var leaves = [[Int]](repeating: [], count: nodes.count)
        // 0: not seen; 1: on the way; 2: done.
        var marks = [UInt8](repeating: 0, count: nodes.count)
        var total = 0
        for start in nodes.indices {
            var path: [(node: Int, next: Int)] = [(start, 0)]
            while let (node, next) = path.last {
                guard marks[node] != 2, case .choice(let members) = nodes[node] else {
                    if marks[node] != 2 { leaves[node] = [node] }
                    marks[node] = 2
                    path.removeLast()
                    continue
                }
                marks[node] = 1
                if next < members.count {
                    path[path.count - 1].next += 1
                    if marks[members[next]] == 1 { throw .endlessChoice }
                    if marks[members[next]] == 0 { path.append((members[next], 0)) }
                    continue
                }
                var (seen, looked) = (Set<Int>(), Set<Int>())
                // Which is named twice adds nothing the second time.
                for member in members where looked.insert(member).inserted {
                    leaves[node] += leaves[member].filter { seen.insert($0).inserted }
                }
                total += leaves[node].count
                guard total <= Self.maximumLeaves else { throw .tooManyChoices }
                marks[node] = 2
                path.removeLast()
            }
        }
        return leaves
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

import HeapModule

/// How many tokens are needed at most to write what a shape asks for: bounds that a way exists for, token by token.
struct ShapeCosts: Sendable {
    /// A set of texts, one of which is to be written.
    struct Literals: Sendable {
        let texts: [[UInt8]]
        /// The fewest tokens from each place of each text to its end.
        let covers: [[Int]]

        init(_ texts: [[UInt8]], _ vocabulary: TokenVocabulary) {
            self.texts = texts
            covers = texts.map { vocabulary.covers(of: $0).map { $0 ?? TokenCost.none } }
        }
    }

    /// Texts: of nodes of literals, and of properties' names.
    private(set) var literals: [Literals] = []
    /// The set of each node of literals.
    private(set) var literalSets: [Int: Int] = [:]
    /// The sets of the names of each object's properties, `"name":`.
    private(set) var nameSets: [Int: [Int]] = [:]
    /// For each node, the whole value.
    private(set) var nodes: [Int]
    /// For each node, how deep arrays and objects are nested in the value that costs so much.
    private(set) var heights: [Int]
    /// For each node, the nodes that are no choices, one of which its value is of; the cheapest first.
    private(set) var leaves: [[Int]]
    /// For each object, from each of its properties on, the required ones of the rest, each with the comma before it.
    private(set) var required: [Int: [Int]] = [:]
    /// The set whose only text is a colon.
    static let colon = 0

    /// A node whose bound is known: by cost, then by height.
    private struct KnownCost: Comparable {
        let cost: Int
        let height: Int
        let node: Int

        static func < (left: KnownCost, right: KnownCost) -> Bool {
            (left.cost, left.height, left.node) < (right.cost, right.height, right.node)
        }
    }

    init(shape: JSONShape, leaves: [[Int]], vocabulary: TokenVocabulary) {
        self.leaves = leaves
        nodes = [Int](repeating: TokenCost.none, count: shape.nodes.count)
        heights = [Int](repeating: 0, count: shape.nodes.count)
        literals.append(Literals([[UInt8(ascii: ":")]], vocabulary))
        for (index, node) in shape.nodes.enumerated() {
            switch node {
            case .literals(let texts):
                literalSets[index] = literals.count
                literals.append(Literals(texts, vocabulary))
                nodes[index] = literals[literals.count - 1].covers.map { $0[0] }.min() ?? TokenCost.none
            case .string(let limits):
                guard limits.minimum <= limits.maximum ?? .max else { break }
                nodes[index] = min(StringState().cost(limits, run: vocabulary.longestRun), TokenCost.none)
            case .number(let limits):
                nodes[index] = NumberState().cost(limits) ?? TokenCost.none
            case .object(let object):
                nameSets[index] = object.properties.map { property in
                    literals.append(Literals([JSONText.string(property.name) + [UInt8(ascii: ":")]], vocabulary))
                    return literals.count - 1
                }
            case .array, .choice: break
            }
        }
        settle(shape)
        for index in self.leaves.indices where self.leaves[index].count > 1 {
            self.leaves[index].sort { (nodes[$0], $0) < (nodes[$1], $1) }
        }
        for (index, node) in shape.nodes.enumerated() {
            guard case .object(let object) = node, let names = nameSets[index] else { continue }
            var suffixes = [0]
            for (property, name) in zip(object.properties, names).reversed() {
                let own = property.isRequired ? TokenCost.sum(1, literals[name].covers[0][0], nodes[property.value]) : 0
                suffixes.append(TokenCost.sum(own, suffixes[suffixes.count - 1]))
            }
            required[index] = suffixes.reversed()
        }
    }

    /// Finds the bounds of the nodes that hold others, the cheapest value first, so that each node is looked at once: what holds a value costs no less
    /// than the value does (Knuth, "A Generalization of Dijkstra's Algorithm", 1977).
    private mutating func settle(_ shape: JSONShape) {
        // By each node, those whose bound is known only when its own is; and how many of such each of them still waits for.
        var holders = [[Int]](repeating: [], count: shape.nodes.count)
        var missing = [Int](repeating: 0, count: shape.nodes.count)
        func hold(_ part: Int, in index: Int) {
            holders[part].append(index)
            missing[index] += 1
        }
        for (index, node) in shape.nodes.enumerated() {
            switch node {
            case .literals, .string, .number: break
            case .array(let array): if array.minimum > 0 { hold(array.items, in: index) }
            case .object(let object): for property in object.properties where property.isRequired { hold(property.value, in: index) }
            case .choice:
                for leaf in leaves[index] { holders[leaf].append(index) }
                missing[index] = 1
            }
        }
        var known = Heap<KnownCost>()
        func learn(_ index: Int) {
            let (cost, height) = cost(shape.nodes[index], index)
            guard cost < TokenCost.none else { return }
            (nodes[index], heights[index]) = (cost, height)
            known.insert(KnownCost(cost: cost, height: height, node: index))
        }
        for index in shape.nodes.indices where missing[index] == 0 { learn(index) }
        while let next = known.popMin() {
            for holder in holders[next.node] {
                missing[holder] -= 1
                // Of a choice, the first is the cheapest.
                if missing[holder] == 0 { learn(holder) }
            }
        }
    }

    /// What a value of a node costs by what is known so far, and how deep it is nested.
    private func cost(_ node: JSONShape.Node, _ index: Int) -> (cost: Int, height: Int) {
        switch node {
        case .literals, .string, .number:
            return (nodes[index], 0)
        case .array(let array):
            guard array.minimum <= array.maximum ?? .max else { return (TokenCost.none, 0) }
            guard array.minimum > 0 else { return (2, 1) }
            return (TokenCost.sum(1, TokenCost.product(array.minimum, TokenCost.sum(nodes[array.items], 1))), heights[array.items] + 1)
        case .object(let object):
            // The comma of the first member is not there, which pays for one brace.
            var (total, height, hasRequired) = (1, 0, false)
            for (property, name) in zip(object.properties, nameSets[index] ?? []) where property.isRequired {
                hasRequired = true
                total = TokenCost.sum(total, 1, literals[name].covers[0][0], nodes[property.value])
                height = max(height, heights[property.value])
            }
            return (hasRequired ? total : 2, height + 1)
        case .choice:
            return leaves[index].map { (nodes[$0], heights[$0]) }.min { $0 < $1 } ?? (TokenCost.none, 0)
        }
    }
}

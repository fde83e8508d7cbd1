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

    /// Finds the bounds of the nodes that hold others. A bound only falls; parts come before the whole or behind it, so both directions take turns.
    private mutating func settle(_ shape: JSONShape) {
        let composed = shape.nodes.indices.filter { index in
            switch shape.nodes[index] {
            case .array, .object, .choice: true
            case .literals, .string, .number: false
            }
        }
        var (hasChanged, isBackwards) = (true, false)
        while hasChanged {
            hasChanged = false
            for place in composed.indices {
                let index = composed[isBackwards ? composed.count - 1 - place : place]
                let (cost, height) = cost(shape.nodes[index], index)
                if cost < nodes[index] {
                    (nodes[index], heights[index]) = (cost, height)
                    hasChanged = true
                }
            }
            isBackwards.toggle()
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

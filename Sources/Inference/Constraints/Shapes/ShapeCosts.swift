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
    /// For each object, from each of its properties on, the required ones of the rest, each with the comma before it.
    private(set) var required: [Int: [Int]] = [:]
    /// The set whose only text is a colon.
    static let colon = 0

    init(shape: JSONShape, vocabulary: TokenVocabulary) {
        nodes = [Int](repeating: TokenCost.none, count: shape.nodes.count)
        literals.append(Literals([[UInt8(ascii: ":")]], vocabulary))
        for (index, node) in shape.nodes.enumerated() {
            switch node {
            case .literals(let texts):
                literalSets[index] = literals.count
                literals.append(Literals(texts, vocabulary))
            case .object(let object):
                nameSets[index] = object.properties.map { property in
                    literals.append(Literals([JSONText.string(property.name) + [UInt8(ascii: ":")]], vocabulary))
                    return literals.count - 1
                }
            case .string, .number, .array, .choice: break
            }
        }
        // A node's bound only falls, and there are as many rounds as nodes at most.
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for (index, node) in shape.nodes.enumerated() {
                let cost = cost(node, index, vocabulary)
                if cost < nodes[index] {
                    nodes[index] = cost
                    hasChanged = true
                }
            }
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

    private func cost(_ node: JSONShape.Node, _ index: Int, _ vocabulary: TokenVocabulary) -> Int {
        switch node {
        case .literals:
            return literalSets[index].flatMap { literals[$0].covers.map { $0[0] }.min() } ?? TokenCost.none
        case .string(let limits):
            guard limits.minimum <= limits.maximum ?? .max else { return TokenCost.none }
            return min(StringState().cost(limits, run: vocabulary.longestRun), TokenCost.none)
        case .number(let limits):
            return NumberState().cost(limits) ?? TokenCost.none
        case .array(let array):
            guard array.minimum <= array.maximum ?? .max else { return TokenCost.none }
            guard array.minimum > 0 else { return 2 }
            return TokenCost.sum(1, TokenCost.product(array.minimum, TokenCost.sum(nodes[array.items], 1)))
        case .object(let object):
            // The comma of the first member is not there, which pays for one brace.
            var (total, hasRequired) = (1, false)
            for (property, name) in zip(object.properties, nameSets[index] ?? []) where property.isRequired {
                hasRequired = true
                total = TokenCost.sum(total, 1, literals[name].covers[0][0], nodes[property.value])
            }
            return hasRequired ? total : 2
        case .choice(let members):
            return members.map { nodes[$0] }.min() ?? TokenCost.none
        }
    }
}

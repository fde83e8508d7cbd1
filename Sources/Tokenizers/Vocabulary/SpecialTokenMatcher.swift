/// Finds the texts of special tokens: the longest one at each place, by a trie.
struct SpecialTokenMatcher: Sendable {
    /// Longer texts are not looked for: no real one is half as long, and a match costs at most this many steps a byte.
    static let maximumLength = 256

    /// From a node and a byte to the next node.
    private var edges = PairTable(capacity: 0)
    /// The token that ends at each node, or -1.
    private var tokens: [TokenID] = [-1]
    /// Which bytes a text begins with.
    private var isFirst = [Bool](repeating: false, count: 256)

    /// Whether there is nothing to find.
    var isEmpty: Bool {
        tokens.count == 1
    }

    /// Adds a token's text; of two tokens with the same text the first is found.
    mutating func insert(_ text: ArraySlice<UInt8>, _ token: TokenID) {
        guard let first = text.first, text.count <= Self.maximumLength, tokens.count < Int32.max - Int32(Self.maximumLength) else { return }
        isFirst[Int(first)] = true
        var node: Int32 = 0
        for byte in text {
            if let next = edges.find(node, Int32(byte)) {
                node = next.value
            } else {
                let next = Int32(tokens.count)
                edges.insert(node, Int32(byte), rank: 0, value: next)
                tokens.append(-1)
                node = next
            }
        }
        if tokens[Int(node)] < 0 { tokens[Int(node)] = token }
    }

    /// The first place at or after `start` where a special token stands, which one, and where its text ends.
    func next(_ text: [UInt8], from start: Int) -> (token: TokenID, range: Range<Int>)? {
        for index in start..<text.count where isFirst[Int(text[index])] {
            if let (token, end) = match(text, at: index) { return (token, index..<end) }
        }
        return nil
    }

    private func match(_ text: [UInt8], at index: Int) -> (token: TokenID, end: Int)? {
        var (node, position): (Int32, Int) = (0, index)
        var found: (TokenID, Int)?
        while position < text.count, let next = edges.find(node, Int32(text[position])) {
            node = next.value
            position += 1
            if tokens[Int(node)] >= 0 { found = (tokens[Int(node)], position) }
        }
        return found
    }
}

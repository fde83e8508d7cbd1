/// Finds the texts of special tokens: the longest one at each place, in one pass over a trie.
struct SpecialTokenMatcher: Sendable {
    private struct Node {
        var children: [UInt8: Int] = [:]
        var token: TokenID?
    }

    private var nodes = [Node()]

    /// Whether there is nothing to find.
    var isEmpty: Bool {
        nodes.count == 1
    }

    /// Adds a token's text; of two tokens with the same text the first is found.
    mutating func insert(_ text: [UInt8], _ token: TokenID) {
        guard !text.isEmpty else { return }
        var node = 0
        for byte in text {
            if let child = nodes[node].children[byte] {
                node = child
            } else {
                nodes.append(Node())
                nodes[node].children[byte] = nodes.count - 1
                node = nodes.count - 1
            }
        }
        if nodes[node].token == nil { nodes[node].token = token }
    }

    /// The longest special token that starts at `index`, and where its text ends.
    func match(_ text: [UInt8], at index: Int) -> (token: TokenID, end: Int)? {
        var (node, position) = (0, index)
        var found: (TokenID, Int)?
        while position < text.count, let child = nodes[node].children[text[position]] {
            node = child
            position += 1
            if let token = nodes[node].token { found = (token, position) }
        }
        return found
    }
}

/// Tokens by their bytes, in the order of a walk that goes down before it goes on: a branch that cannot be is passed over in one step.
struct TokenTrie: Sendable {
    /// One byte of some tokens.
    struct Node: Sendable {
        let byte: UInt8
        let depth: Int32
        /// Where the walk goes on without what is below this node.
        var end: Int32
        /// The first of the tokens that end here, in ``TokenTrie/tokens``.
        let firstToken: Int32
        var tokenCount: Int32
    }

    private(set) var nodes: [Node] = []
    private(set) var tokens: [Int32] = []

    /// A trie of tokens with their bytes, none of them without.
    init(_ entries: [(bytes: [UInt8], token: Int32)]) {
        let sorted = entries.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        // The nodes on the way to the last token.
        var path: [Int] = []
        var last: [UInt8] = []
        for (bytes, token) in sorted {
            var shared = 0
            while shared < min(last.count, bytes.count), last[shared] == bytes[shared] { shared += 1 }
            for place in path[shared...] { nodes[place].end = Int32(nodes.count) }
            path.removeSubrange(shared...)
            for depth in shared..<bytes.count {
                path.append(nodes.count)
                nodes.append(Node(byte: bytes[depth], depth: Int32(depth), end: 0, firstToken: Int32(tokens.count), tokenCount: 0))
            }
            if let place = path.last { nodes[place].tokenCount += 1 }
            tokens.append(token)
            last = bytes
        }
        for place in path { nodes[place].end = Int32(nodes.count) }
    }

    /// The tokens of exactly these bytes.
    func tokens(spelling text: [UInt8]) -> ArraySlice<Int32> {
        var (index, end, depth) = (0, nodes.count, 0)
        while index < end, depth < text.count {
            let node = nodes[index]
            guard node.byte == text[depth] else {
                index = Int(node.end)
                continue
            }
            depth += 1
            if depth == text.count { return tokens[Int(node.firstToken)..<Int(node.firstToken + node.tokenCount)] }
            (index, end) = (index + 1, Int(node.end))
        }
        return []
    }

    /// The lengths of the tokens that a text begins with, from a place in it on.
    func lengths(matching text: [UInt8], from start: Int) -> [Int] {
        var lengths: [Int] = []
        var (index, end, depth) = (0, nodes.count, 0)
        while index < end, start + depth < text.count {
            let node = nodes[index]
            guard node.byte == text[start + depth] else {
                index = Int(node.end)
                continue
            }
            depth += 1
            if node.tokenCount > 0 { lengths.append(depth) }
            (index, end) = (index + 1, Int(node.end))
        }
        return lengths
    }
}

/// Byte-pair encoding of one word (Sennrich et al., arXiv:1508.07909): neighbours merge, the most urgent pair first, the leftmost of equals.
///
/// A heap of candidate merges over a linked list of symbols: n log n, whatever the word.
struct BytePairEncoder: Sendable {
    private struct Merge {
        let rank: Int32
        let token: TokenID
    }

    private struct Candidate {
        let rank: Int32
        let left: Int32
        /// The two symbols when the candidate was made; a later merge may have changed them.
        let first: TokenID
        let second: TokenID

        func isBefore(_ other: Candidate) -> Bool {
            rank < other.rank || (rank == other.rank && left < other.left)
        }
    }

    /// Stands for a byte that has no token: nothing merges with it, and it leaves no token.
    static let noToken: TokenID = -1

    private let byteTokens: [TokenID]
    private let merges: [UInt64: Merge]

    /// - Parameters:
    ///   - byteTokens: the token of each byte, or ``noToken``.
    ///   - merges: triples of two tokens and what they become, the most urgent first.
    init(byteTokens: [TokenID], merges: [(TokenID, TokenID, TokenID)]) {
        self.byteTokens = byteTokens
        var table: [UInt64: Merge] = [:]
        table.reserveCapacity(merges.count)
        for (rank, (left, right, token)) in merges.enumerated() {
            let key = Self.key(left, right)
            if table[key] == nil { table[key] = Merge(rank: Int32(clamping: rank), token: token) }
        }
        self.merges = table
    }

    private static func key(_ left: TokenID, _ right: TokenID) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// Bytes that have no token.
    var missingBytes: [UInt8] {
        byteTokens.indices.filter { byteTokens[$0] == Self.noToken }.map { UInt8($0) }
    }

    /// Appends the tokens of a word.
    func encode(_ word: ArraySlice<UInt8>, into tokens: inout [TokenID]) {
        var symbols = word.map { byteTokens[Int($0)] }
        let count = Int32(symbols.count)
        // A symbol that was merged into its left neighbour has a next of -2.
        var next = (0..<count).map { $0 + 1 < count ? $0 + 1 : -1 }
        var previous = (0..<count).map { $0 - 1 }
        var heap = CandidateHeap()
        func offer(_ left: Int32, _ symbols: [TokenID], _ next: [Int32], _ heap: inout CandidateHeap) {
            guard left >= 0, next[Int(left)] >= 0 else { return }
            let (first, second) = (symbols[Int(left)], symbols[Int(next[Int(left)])])
            guard let merge = merges[Self.key(first, second)] else { return }
            heap.push(Candidate(rank: merge.rank, left: left, first: first, second: second))
        }
        for left in 0..<count { offer(left, symbols, next, &heap) }
        while let candidate = heap.pop() {
            let left = Int(candidate.left)
            guard next[left] >= 0, symbols[left] == candidate.first, symbols[Int(next[left])] == candidate.second,
                let merge = merges[Self.key(candidate.first, candidate.second)]
            else { continue }
            let right = Int(next[left])
            symbols[left] = merge.token
            next[left] = next[right]
            next[right] = -2
            if next[left] >= 0 { previous[Int(next[left])] = Int32(left) }
            offer(previous[left], symbols, next, &heap)
            offer(Int32(left), symbols, next, &heap)
        }
        var index: Int32 = symbols.isEmpty ? -1 : 0
        while index >= 0 {
            if symbols[Int(index)] != Self.noToken { tokens.append(symbols[Int(index)]) }
            index = next[Int(index)]
        }
    }

    /// A binary heap whose root comes first.
    private struct CandidateHeap {
        private var items: [Candidate] = []

        mutating func push(_ item: Candidate) {
            items.append(item)
            var child = items.count - 1
            while child > 0, items[child].isBefore(items[(child - 1) / 2]) {
                items.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
        }

        mutating func pop() -> Candidate? {
            guard let first = items.first, let last = items.popLast() else { return nil }
            guard !items.isEmpty else { return first }
            items[0] = last
            var parent = 0
            while true {
                var best = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && items[child].isBefore(items[best]) {
                    best = child
                }
                guard best != parent else { return first }
                items.swapAt(parent, best)
                parent = best
            }
        }
    }
}

/// Byte-pair encoding of one word (Sennrich et al., arXiv:1508.07909): neighbours merge, the most urgent pair first, the leftmost of equals.
///
/// Short words are searched again after each merge. Long ones keep a heap of merges over a linked list of symbols: n log n, whatever the word.
struct BytePairEncoder: Sendable {
    private static let noToken = StartingSymbols.noToken
    /// Words of up to as many bytes are searched without a heap.
    private static let shortWord = 48
    /// Longer words are cut, so that places fit 32 bits.
    private static let longestWord = 1 << 30

    private let symbols: StartingSymbols
    private let merges: PairTable

    /// - Parameters:
    ///   - symbols: what merging starts from.
    ///   - merges: from pairs of tokens to their rank and what they become.
    init(symbols: StartingSymbols, merges: PairTable) {
        self.symbols = symbols
        self.merges = merges
    }

    /// Bytes that have no token.
    var missingBytes: [UInt8] {
        symbols.missingBytes
    }

    /// Appends the tokens of the word that lies at `range`.
    @inline(__always)
    func encode(_ bytes: [UInt8], _ range: Range<Int>, _ work: inout BytePairWorkspace, into tokens: inout [TokenID]) {
        if range.count == 1 {
            append(symbols.ofByte(bytes[range.lowerBound]), to: &tokens)
        } else if range.count <= Self.shortWord {
            begin(bytes, range, &work)
            encodeShort(&work, into: &tokens)
        } else {
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.longestWord) {
                begin(bytes, start..<min(range.upperBound, start + Self.longestWord), &work)
                encodeLong(&work, into: &tokens)
            }
        }
    }

    @inline(__always)
    private func append(_ token: TokenID, to tokens: inout [TokenID]) {
        if token != Self.noToken { tokens.append(token) }
    }

    /// Puts a word's symbols and their merges into the workspace.
    @inline(__always)
    private func begin(_ bytes: [UInt8], _ range: Range<Int>, _ work: inout BytePairWorkspace) {
        work.symbols.removeAll(keepingCapacity: true)
        work.ranks.removeAll(keepingCapacity: true)
        work.merged.removeAll(keepingCapacity: true)
        symbols.append(bytes, range, to: &work.symbols)
        for index in 1..<max(work.symbols.count, 1) {
            let merge = merges.find(work.symbols[index - 1], work.symbols[index])
            work.ranks.append(merge?.rank ?? BytePairWorkspace.noRank)
            work.merged.append(merge?.value ?? Self.noToken)
        }
        work.ranks.append(BytePairWorkspace.noRank)
        work.merged.append(Self.noToken)
    }

    private func encodeShort(_ work: inout BytePairWorkspace, into tokens: inout [TokenID]) {
        var count = work.symbols.count
        while count > 1 {
            var (best, rank) = (0, work.ranks[0])
            for index in 1..<count where work.ranks[index] < rank { (best, rank) = (index, work.ranks[index]) }
            guard rank != BytePairWorkspace.noRank else { break }
            work.symbols[best] = work.merged[best]
            count -= 1
            for index in best + 1..<max(count, best + 1) {
                work.symbols[index] = work.symbols[index + 1]
                work.ranks[index] = work.ranks[index + 1]
                work.merged[index] = work.merged[index + 1]
            }
            if best > 0 { look(best - 1, best, &work) }
            if best + 1 < count { look(best, best + 1, &work) } else { work.ranks[best] = BytePairWorkspace.noRank }
        }
        for index in 0..<count { append(work.symbols[index], to: &tokens) }
    }

    /// Looks up the merge of two neighbours.
    @inline(__always)
    private func look(_ left: Int, _ right: Int, _ work: inout BytePairWorkspace) {
        let merge = merges.find(work.symbols[left], work.symbols[right])
        work.ranks[left] = merge?.rank ?? BytePairWorkspace.noRank
        work.merged[left] = merge?.value ?? Self.noToken
    }

    private func encodeLong(_ work: inout BytePairWorkspace, into tokens: inout [TokenID]) {
        let count = Int32(work.symbols.count)
        work.next = (1...count).map { $0 < count ? $0 : -1 }
        work.previous = (-1..<count - 1).map { $0 }
        work.heap.fill(work.ranks)
        while let (rank, place) = work.heap.pop() {
            let left = Int(place)
            // Where the rank is that of the symbols that stand here now, their merge is as urgent as the one that was put here.
            guard work.ranks[left] == rank else { continue }
            let right = Int(work.next[left])
            work.symbols[left] = work.merged[left]
            work.next[left] = work.next[right]
            work.ranks[right] = BytePairWorkspace.noRank
            work.ranks[left] = BytePairWorkspace.noRank
            if work.next[left] >= 0 {
                work.previous[Int(work.next[left])] = place
                offer(left, Int(work.next[left]), &work)
            }
            if work.previous[left] >= 0 { offer(Int(work.previous[left]), left, &work) }
        }
        var index: Int32 = 0
        while index >= 0 {
            append(work.symbols[Int(index)], to: &tokens)
            index = work.next[Int(index)]
        }
    }

    /// Looks up the merge of two neighbours and puts it on the heap.
    private func offer(_ left: Int, _ right: Int, _ work: inout BytePairWorkspace) {
        look(left, right, &work)
        if work.ranks[left] != BytePairWorkspace.noRank { work.heap.push(rank: work.ranks[left], place: Int32(left)) }
    }
}

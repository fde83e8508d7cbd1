/// The merges that scores imply: two pieces merge where what they make is a piece, the one of the highest score first.
enum PieceMerges {
    /// Longer pieces are never made: no real one is a quarter as long, and every way to cut them is tried.
    static let maximumLength = 1024

    static func table(_ tokens: [[UInt8]], _ kinds: [TokenKind], _ scores: [Float], _ pieces: ByteStringIndex) -> PairTable {
        let ranks = ranks(scores)
        var table = PairTable(capacity: tokens.count * 4)
        for (id, token) in tokens.enumerated() where kinds[id].isText && (2...maximumLength).contains(token.count) {
            // Of pieces that are spelled alike the first is used.
            guard pieces.find(token, 0..<token.count) == Int32(id) else { continue }
            for place in 1..<token.count where token[place] & 0xc0 != 0x80 {
                guard let left = pieces.find(token, 0..<place), let right = pieces.find(token, place..<token.count) else { continue }
                table.insert(left, right, rank: ranks[id], value: TokenID(id))
            }
        }
        return table
    }

    /// The place of each score among the different ones, the highest first; what is no number comes last.
    private static func ranks(_ scores: [Float]) -> [Int32] {
        let ordered = scores.indices.sorted { scores[$0] > scores[$1] || !scores[$0].isNaN && scores[$1].isNaN }
        var (ranks, rank, last): ([Int32], Int32, Float?) = ([Int32](repeating: 0, count: scores.count), -1, nil)
        for index in ordered {
            if last != scores[index] { rank += 1 }
            (ranks[index], last) = (rank, scores[index])
        }
        return ranks
    }
}

/// BPE over characters, spaces being spelled ▁ (U+2581): SentencePiece's vocabularies.
struct PieceEncoder: TextEncoder {
    private let spacePrefix: SpacePrefix
    private let pairs: BytePairEncoder
    /// The bytes behind which a token goes on with ▁: everywhere else a ▁ begins a word.
    private let joins: [Bool]

    /// - Parameter mergeable: the texts of the tokens that may go on with ▁ after something else.
    init(spacePrefix: SpacePrefix, pairs: BytePairEncoder, mergeable: [ArraySlice<UInt8>]) {
        self.spacePrefix = spacePrefix
        self.pairs = pairs
        var joins = [Bool](repeating: false, count: 256)
        for text in mergeable where text.count > SpaceSpelling.bytes.count {
            for index in text.indices.dropFirst() where text[index...].starts(with: SpaceSpelling.bytes) {
                joins[Int(text[index - 1])] = true
            }
        }
        self.joins = joins
    }

    var missingBytes: [UInt8] {
        pairs.missingBytes
    }

    func encode(_ bytes: [UInt8], _ range: Range<Int>, isFirst: Bool, _ work: inout BytePairWorkspace, into tokens: inout [TokenID]) {
        let text = SpaceSpelling.spell(bytes[range], withPrefix: prefixes(bytes[range], isFirst))
        let mark = SpaceSpelling.bytes
        var start = 0
        for index in 1..<text.count where text[index] == mark[0] && !joins[Int(text[index - 1])] {
            guard index + 2 < text.count, text[index + 1] == mark[1], text[index + 2] == mark[2] else { continue }
            pairs.encode(text, start..<index, &work, into: &tokens)
            start = index
        }
        pairs.encode(text, start..<text.count, &work, into: &tokens)
    }

    private func prefixes(_ text: ArraySlice<UInt8>, _ isFirst: Bool) -> Bool {
        let isThere = text.first == 0x20 || text.starts(with: SpaceSpelling.bytes)
        return switch spacePrefix {
        case .never: false
        case .always: true
        case .unlessThere: !isThere
        case .firstUnlessThere: isFirst && !isThere
        }
    }
}

/// What merging starts from: the token of each byte, or of each character.
struct StartingSymbols: Sendable {
    /// Stands for a byte that has no token: nothing merges with it, and it leaves no token.
    static let noToken: TokenID = -1

    private let byteTokens: [TokenID]
    /// The tokens of single characters; nil where all text is spelled in bytes.
    private let characters: ByteStringIndex?
    /// The tokens of ASCII characters, or ``noToken``.
    private let ascii: [TokenID]
    /// What a character becomes that has neither a token nor tokens for all of its bytes.
    private let unknown: TokenID?

    /// Every byte by itself.
    ///
    /// - Parameter byteTokens: the token of each of the 256 bytes, or ``noToken``.
    init(byteTokens: [TokenID]) {
        self.byteTokens = byteTokens
        (characters, ascii, unknown) = (nil, [], nil)
    }

    /// Every character by itself, its bytes where it has no token.
    ///
    /// - Parameters:
    ///   - byteTokens: the token of each of the 256 bytes, or ``noToken``.
    ///   - unknown: what a character becomes that has neither; nil for nothing.
    init(characters: ByteStringIndex, byteTokens: [TokenID], unknown: TokenID?) {
        self.byteTokens = byteTokens
        self.characters = characters
        self.unknown = unknown
        ascii = (UInt8(0)..<128).map { characters.find([$0], 0..<1) ?? Self.noToken }
    }

    /// Bytes that leave no token.
    var missingBytes: [UInt8] {
        (UInt8.min...UInt8.max).filter { ofByte($0) == Self.noToken }
    }

    /// The token of a text of one byte.
    @inline(__always)
    func ofByte(_ byte: UInt8) -> TokenID {
        if byte < ascii.count, ascii[Int(byte)] != Self.noToken { return ascii[Int(byte)] }
        let token = byteTokens[Int(byte)]
        return token == Self.noToken ? unknown ?? token : token
    }

    /// Appends the symbols of the bytes at a range.
    @inline(__always)
    func append(_ bytes: [UInt8], _ range: Range<Int>, to symbols: inout [TokenID]) {
        guard let characters else {
            for index in range { symbols.append(byteTokens[Int(bytes[index])]) }
            return
        }
        var index = range.lowerBound
        while index < range.upperBound {
            let length = bytes[index] < 0x80 ? 1 : UTF8Sequence.decode(bytes, at: index, limit: range.upperBound)?.length ?? 1
            if length == 1 {
                symbols.append(ofByte(bytes[index]))
            } else if let token = characters.find(bytes, index..<index + length) {
                symbols.append(token)
            } else {
                let spelled = bytes[index..<index + length].map { byteTokens[Int($0)] }
                if let unknown, spelled.contains(Self.noToken) { symbols.append(unknown) } else { symbols += spelled }
            }
            index += length
        }
    }
}

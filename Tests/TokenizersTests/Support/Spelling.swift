/// GPT-2's spelling of bytes as printable characters, for vocabularies made up by tests.
enum Spelling {
    /// How a byte-level vocabulary spells bytes.
    static func of(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.flatMap { byte in Array(String(Character(scalars[Int(byte)])).utf8) }
    }

    private static let scalars: [Unicode.Scalar] = {
        var (scalars, shifted): ([Unicode.Scalar], UInt32) = ([], 0x100)
        for byte in UInt32(0)...255 {
            let isPrintable = (0x21...0x7e).contains(byte) || (0xa1...0xac).contains(byte) || (0xae...0xff).contains(byte)
            scalars.append(Unicode.Scalar(isPrintable ? byte : shifted) ?? " ")
            if !isPrintable { shifted += 1 }
        }
        return scalars
    }()
}

/// The extensions of a chunk (RFC 9112 section 7.1.1). They mean nothing here, but one that is not of the form, such as a quote that does not close,
/// could hide from another parser where the chunk begins.
enum ChunkExtensions {
    /// Whether what follows a chunk's size is any number of `;name`, `;name=token` and `;name="quoted"`, with white space before and after the
    /// delimiters.
    static func areWellFormed(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            skipSpace(&rest)
            guard take(UInt8(ascii: ";"), &rest) else { return false }
            skipSpace(&rest)
            guard takeToken(&rest) else { return false }
            var value = rest
            skipSpace(&value)
            guard take(UInt8(ascii: "="), &value) else { continue }
            skipSpace(&value)
            guard takeQuoted(&value) || takeToken(&value) else { return false }
            rest = value
        }
        return true
    }

    private static func skipSpace(_ rest: inout ArraySlice<UInt8>) {
        rest = rest.drop(while: ASCIIText.isSpace)
    }

    private static func take(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == byte else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func takeToken(_ rest: inout ArraySlice<UInt8>) -> Bool {
        let after = rest.drop(while: ASCIIText.isToken)
        defer { rest = after }
        return after.count < rest.count
    }

    /// Takes `"…"`, in which a backslash stands before any byte that shall not end it.
    private static func takeQuoted(_ rest: inout ArraySlice<UInt8>) -> Bool {
        var after = rest
        guard take(UInt8(ascii: "\""), &after) else { return false }
        while let byte = after.popFirst() {
            if byte == UInt8(ascii: "\"") {
                rest = after
                return true
            }
            if byte == UInt8(ascii: "\\") { _ = after.popFirst() }
        }
        return false
    }
}

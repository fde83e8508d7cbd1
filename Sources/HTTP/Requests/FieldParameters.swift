/// A field's value of the form `word; name=token; name="quoted"` (RFC 9110 section 5.6.6).
struct FieldParameters: Equatable {
    /// What stands before the first semicolon.
    let word: String
    /// The parameters, names in lower case.
    let values: [String: String]

    /// Takes a value apart; nil where it is not of the form, or names a parameter twice.
    static func parse(_ text: String) -> FieldParameters? {
        let bytes = Array(text.utf8)
        var position = 0
        func skipSpace() { while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 } }
        func take(while condition: (UInt8) -> Bool) -> String? {
            let start = position
            while position < bytes.count, condition(bytes[position]) { position += 1 }
            return start == position ? nil : String(validating: bytes[start..<position], as: UTF8.self)
        }
        skipSpace()
        guard let word = take(while: { ASCIIText.isToken($0) || $0 == UInt8(ascii: "/") }) else { return nil }
        var values: [String: String] = [:]
        while true {
            skipSpace()
            guard position < bytes.count else { return FieldParameters(word: word, values: values) }
            guard bytes[position] == UInt8(ascii: ";") else { return nil }
            position += 1
            skipSpace()
            // A semicolon may stand at the end.
            guard position < bytes.count else { continue }
            guard let name = take(while: ASCIIText.isToken), position < bytes.count, bytes[position] == UInt8(ascii: "=") else {
                return nil
            }
            position += 1
            let value: String?
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                position += 1
                value = quoted(bytes, &position)
            } else {
                value = take(while: ASCIIText.isToken)
            }
            guard let value, values.updateValue(value, forKey: name.lowercased()) == nil else { return nil }
        }
    }

    /// The text up to the closing quote. A backslash stands for itself but before a quote or another one: Windows' paths have them.
    private static func quoted(_ bytes: [UInt8], _ position: inout Int) -> String? {
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return String(validating: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), position < bytes.count, bytes[position] == UInt8(ascii: "\"") || bytes[position] == byte {
                text.append(bytes[position])
                position += 1
            } else {
                text.append(byte)
            }
        }
        return nil
    }
}

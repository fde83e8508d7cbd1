/// Writes strings as JSON text.
package enum JSONText {
    /// A string with its quotes; what must be escaped is, in the shortest way.
    package static func string(_ content: [UInt8]) -> [UInt8] {
        var text = [UInt8(ascii: "\"")]
        for byte in content {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0x08: text += "\\b".utf8
            case 0x09: text += "\\t".utf8
            case 0x0A: text += "\\n".utf8
            case 0x0C: text += "\\f".utf8
            case 0x0D: text += "\\r".utf8
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                text += (digits.count == 1 ? "\\u000" : "\\u00").utf8
                text += digits.utf8
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
        return text
    }
}

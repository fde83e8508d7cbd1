import HTTPTypes

/// Writes response heads and chunks.
enum ResponseEncoder {
    /// How a response's body is delimited.
    enum Framing: Equatable {
        /// No body, and no header that speaks of one.
        case none
        case length(Int)
        case chunked
        /// The connection's end is the body's.
        case untilClose
    }

    /// A response's head. Fields that delimit the body or concern the connection are the server's own.
    static func head(_ status: HTTPResponse.Status, _ fields: HTTPFields, framing: Framing, closes: Bool, minorVersion: Int) -> [UInt8] {
        var text = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n"
        for field in fields where !isOwn(field.name) {
            text += "\(field.name.rawName): \(field.value)\r\n"
        }
        if fields[.date] == nil { text += "Date: \(HTTPDate.now())\r\n" }
        switch framing {
        case .none, .untilClose: break
        case .length(let count): text += "Content-Length: \(count)\r\n"
        case .chunked: text += "Transfer-Encoding: chunked\r\n"
        }
        if closes {
            text += "Connection: close\r\n"
        } else if minorVersion == 0 {
            text += "Connection: keep-alive\r\n"
        }
        return Array((text + "\r\n").utf8)
    }

    private static func isOwn(_ name: HTTPField.Name) -> Bool {
        name == .contentLength || name == .transferEncoding || name == .connection
    }

    /// A chunk with its size before it; nothing for no bytes, which would end the body.
    static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        return Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [0x0d, 0x0a]
    }

    /// The end of a chunked body.
    static let lastChunk = Array("0\r\n\r\n".utf8)
}

import Foundation
import Server

/// An answer, taken apart.
struct TestAnswer: Sendable {
    let status: Int
    /// Header fields, names in lower case.
    let fields: [String: String]
    let body: [UInt8]

    /// Takes apart what came over a connection that was closed after it.
    init(_ bytes: [UInt8]) throws {
        let separator = Array("\r\n\r\n".utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) }) else {
            throw TestFailure("no whole header in \(bytes.count) bytes")
        }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else { throw TestFailure("no status: \(lines[0])") }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw TestFailure("no field: \(line)") }
            fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        self.status = status
        self.fields = fields
        let rest = Array(bytes[(end + 4)...])
        body = fields["transfer-encoding"] == "chunked" ? try Self.unchunked(rest) : rest
    }

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a document.
    func json() throws -> JSONValue {
        do {
            return try JSONParser.parse(body)
        } catch {
            throw TestFailure("not JSON (\(error)): \(text)")
        }
    }

    /// The documents of a body of server-sent events; `[DONE]` is left out.
    func events() throws -> [JSONValue] {
        try text.components(separatedBy: "\n\n").filter { $0.hasPrefix("data: ") && $0 != "data: [DONE]" }
            .map { try JSONParser.parse(String($0.dropFirst(6))) }
    }

    /// Undoes the chunked coding; a body without its last chunk is refused.
    private static func unchunked(_ bytes: [UInt8]) throws -> [UInt8] {
        var body: [UInt8] = []
        var position = 0
        while true {
            guard let end = bytes[position...].firstIndex(of: 0x0D) else { throw TestFailure("the body ended within a chunk's size") }
            guard let size = Int(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16) else {
                throw TestFailure("no chunk size")
            }
            if size == 0 { return body }
            guard bytes.count >= end + 2 + size + 2 else { throw TestFailure("the body ended within a chunk") }
            body += bytes[(end + 2)..<(end + 2 + size)]
            position = end + 2 + size + 2
        }
    }
}

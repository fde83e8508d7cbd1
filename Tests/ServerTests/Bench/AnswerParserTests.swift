import Testing
import rudder

@Suite("rudder bench --server: answers, whatever pieces they arrive in")
struct AnswerParserTests {
    private static let stream =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "5;x=1\r\nHello\r\nA\r\n, world\r\nB\r\n0\r\nX-Trailer: 1\r\n\r\n"

    private func parse(_ text: String, pieceSize: Int) throws -> (parser: AnswerParser, body: String) {
        var (parser, body) = (AnswerParser(), [UInt8]())
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieceSize))
            rest = rest.dropFirst(pieceSize)
            try piece.withUnsafeBytes { try parser.take($0) { body += $0 } }
        }
        return (parser, String(decoding: body, as: UTF8.self))
    }

    @Test("a chunked body", arguments: [1, 2, 3, 7, 1000])
    func chunks(pieceSize: Int) throws {
        let (parser, body) = try parse(Self.stream, pieceSize: pieceSize)
        #expect(parser.isComplete && parser.status == 200 && parser.keepsAlive)
        #expect(body == "Hello, world\r\nB")
    }

    @Test("a refusal says when to come again", arguments: [1, 5, 1000])
    func refusal(pieceSize: Int) throws {
        let text = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 3\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
        let (parser, body) = try parse(text, pieceSize: pieceSize)
        #expect(parser.isComplete && parser.status == 429 && parser.retryAfter == 3 && !parser.keepsAlive)
        #expect(body.isEmpty)
    }

    @Test("a body that ends with the connection, and one that is cut short")
    func ends() throws {
        let (endless, body) = try parse("HTTP/1.0 200 OK\r\n\r\nabc", pieceSize: 4)
        #expect(endless.endsWithConnection && !endless.keepsAlive && body == "abc")
        let (short, _) = try parse("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", pieceSize: 4)
        #expect(!short.endsWithConnection && !short.isComplete)
    }

    @Test(
        "what is not HTTP is refused",
        arguments: [
            "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore",
        ]
    )
    func malformed(text: String) {
        #expect(throws: LoadFailure.self) { try parse(text, pieceSize: 1000) }
    }
}

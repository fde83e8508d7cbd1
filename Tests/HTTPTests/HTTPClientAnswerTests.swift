import HTTP
import HTTPTypes
import Testing

@Suite("HTTP client: where answers end, and what they may be", .timeLimit(.minutes(1)))
struct HTTPClientAnswerTests {
    /// What a server's bytes are to the client.
    private func answer(
        _ bytes: String,
        piece: Int = .max,
        then ending: ScriptedServer.Ending,
        method: HTTPRequest.Method = .get
    ) async throws -> HTTPClientResponse {
        try await ScriptedServer(bytes, piece: piece, then: ending).ask(HTTPClient(timeout: .seconds(10)), method)
    }

    @Test(
        "an answer that is whole is not waited for any longer, in whatever pieces it comes",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.0 200\ncontent-length:5\n\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked \r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        ],
        [1, 7, Int.max]
    )
    func whole(bytes: String, piece: Int) async throws {
        let answer = try await answer(bytes, piece: piece, then: .keepsOpen)
        #expect(answer.status == .ok && answer.body == Array("hello".utf8))
        #expect(!answer.fields.contains { $0.name.canonicalName == "link" })
    }

    @Test("answers that have no body end with their header")
    func noBody() async throws {
        for code in [204, 304] {
            let answer = try await answer("HTTP/1.1 \(code) X\r\nContent-Length: 5\r\n\r\n", then: .keepsOpen)
            #expect(answer.status.code == code && answer.body.isEmpty)
        }
        let head = try await answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", then: .keepsOpen, method: .head)
        #expect(head.status == .ok && head.body.isEmpty)
        let empty = try await answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", then: .keepsOpen)
        #expect(empty.status == .ok && empty.body.isEmpty)
    }

    @Test("a body without a length ends with the connection")
    func untilClosed() async throws {
        #expect(try await answer("HTTP/1.1 200 OK\r\n\r\nhello", piece: 3, then: .closes).body == Array("hello".utf8))
        #expect(try await answer("HTTP/1.1 200 OK\r\n\r\n", then: .closes).body.isEmpty)
    }

    @Test("a long answer of many pieces does not cost their number squared", arguments: [true, false])
    func manyPieces(isChunked: Bool) async throws {
        let (piece, count) = (String(repeating: "a", count: 500), 8000)
        let bytes =
            isChunked
            ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: "1f4\r\n\(piece)\r\n", count: count) + "0\r\n\r\n"
            : "HTTP/1.1 200 OK\r\nContent-Length: \(500 * count)\r\n\r\n" + String(repeating: piece, count: count)
        let body = try await answer(bytes, piece: 507, then: .keepsOpen).body
        #expect(body == [UInt8](repeating: UInt8(ascii: "a"), count: 500 * count))
    }

    @Test("values come without the white space around them")
    func whiteSpace() async throws {
        let head = "HTTP/1.1 200 OK\r\nETag: \t a b\t \r\nServer:\r\nAge:  \t\r\nContent-Length: 0 \r\n\r\n"
        let fields = try await answer(head, then: .keepsOpen).fields
        #expect(fields[.eTag] == "a b" && fields[.server] == "" && fields[.age] == "")
    }

    @Test(
        "lengths that are none are refused",
        arguments: [
            "+5", "-1", "5, 6", "5, 5", "5x", "0x5", "", "5 5", "٥", "9999999999999999999999", "5\r\nContent-Length: 5",
            "5\r\ncontent-length: 6",
        ]
    )
    func malformedLengths(length: String) async throws {
        let error = await #expect(throws: HTTPClientError.self) {
            try await answer("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\nhello", then: .closes)
        }
        let reason: String? = if case .badResponse(let reason)? = error { reason } else { nil }
        #expect(reason?.contains("Content-Length") == true)
    }

    @Test(
        "what ends too soon or is no answer is refused",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "cut short"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "cut short"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "Transfer-Encoding"),
            ("HTTP/1.1 200 OK\r\n", "does not end"), ("", "does not end"), ("HTTP/1.1 100 Continue\r\n\r\n", "does not end"),
            ("hello\r\n\r\n", "status line"), ("\r\n", "status line"), ("HTTP/1.1 +20 OK\r\n\r\n", "status line"),
            ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "header line"), ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "header line"),
            ("HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 1001), "1000 lines"),
        ]
    )
    func refused(bytes: String, reason: String) async throws {
        let error = await #expect(throws: HTTPClientError.self) { try await answer(bytes, then: .closes) }
        #expect("\(try #require(error))".contains(reason))
    }
}

import Foundation
import Testing

/// Requests that are well formed, and the status that each must get by what it asks for.
@Suite("Answers by route", .serialized)
struct RouteAnswerTests {
    struct Case: Sendable, CustomStringConvertible {
        let name: String
        let request: String
        let status: Int

        init(_ name: String, _ request: String, _ status: Int) {
            self.name = name
            self.request = request
            self.status = status
        }

        var description: String {
            name
        }
    }

    private static func get(_ lines: String, target: String = "/hello") -> String {
        "GET \(target) HTTP/1.1\r\n\(lines)\r\n"
    }

    private static func post(_ lines: String, _ body: String = "") -> String {
        "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(lines)\r\n\(body)"
    }

    private static let end = "Host: a\r\nConnection: close\r\n"

    static let cases: [Case] = [
        Case("a plain request", get(end), 200),
        Case("an absolute target without a path", get(end, target: "http://a"), 404),
        Case("OPTIONS of everything", "OPTIONS * HTTP/1.1\r\n\(end)\r\n", 204),
        Case("OPTIONS of a path", "OPTIONS /hello HTTP/1.1\r\n\(end)\r\n", 204),
        Case("HEAD of a GET route", "HEAD /hello HTTP/1.1\r\n\(end)\r\n", 200),
        Case("an unknown path", get(end, target: "/nothing"), 404),
        Case("an unknown method on a path", "DELETE /hello HTTP/1.1\r\n\(end)\r\n", 405),
        Case("a method of one's own", "BREW /hello HTTP/1.1\r\n\(end)\r\n", 405),
        Case("a handler that fails", get(end, target: "/fail"), 500),
        Case("a body that is too large", post("Content-Length: 2000000\r\n"), 413),
        Case("a query that is not percent-encoded", get(end, target: "/hello?a=%zz"), 400),
        Case("a path that is not UTF-8", get(end, target: "/name/%ff"), 400),
        Case("a handler that gives up by itself", get(end, target: "/gives-up"), 500),
        Case("an encoding of the content that is unknown", post("Content-Length: 3\r\nContent-Encoding: br\r\n", "abc"), 415),
        Case("content that is not gzip as it says", post("Content-Length: 3\r\nContent-Encoding: gzip\r\n", "abc"), 400),
    ]

    @Test("each gets the status it must, once, and a closed connection", arguments: cases)
    func status(test: Case) async throws {
        let server = try await TestServer()
        let answer = try await server.exchange(test.request)
        #expect(answer.hasPrefix("HTTP/1.1 \(test.status) "), "\(answer.prefix(200))")
        #expect(answer.components(separatedBy: "\r\nDate: ").count == 2)
        #expect(answer.lowercased().contains("connection: close"))
        await server.stop()
    }
}

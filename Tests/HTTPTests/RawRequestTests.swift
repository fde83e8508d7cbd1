import Foundation
import Testing

/// Raw requests and the status each must get. Whatever a proxy in front could read otherwise is refused, and the connection ends.
@Suite("Raw requests", .serialized)
struct RawRequestTests {
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
        // What is fine.
        Case("a plain request", get(end), 200),
        Case("an absolute target", get(end, target: "http://a/hello"), 200),
        Case("an absolute target in capitals", get(end, target: "HTTP://a:80/hello"), 200),
        Case("an absolute target without a path", get(end, target: "http://a"), 404),
        Case("an empty line before the request", "\r\n" + get(end), 200),
        Case("white space around a value", get("Host: a\r\nConnection: \t close \t\r\n"), 200),
        Case("field names in any case", get("hOsT: a\r\ncOnNeCtIoN: CLOSE\r\n"), 200),
        Case("HTTP/1.0 without a host", "GET /hello HTTP/1.0\r\n\r\n", 200),
        Case("a host with a port", get("Host: a:80\r\nConnection: close\r\n"), 200),
        Case("an IPv6 host", get("Host: [::1]:80\r\nConnection: close\r\n"), 200),
        Case("high bytes in a value", get(end + "X: \u{e9}\u{e9}\r\n"), 200),
        Case("an empty value", get(end + "X:\r\n"), 200),
        Case("a length of zero", post("Content-Length: 0\r\n"), 200),
        Case("a body by its length", post("Content-Length: 3\r\n", "abc"), 200),
        Case("a body in chunks", post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), 200),
        Case("chunks with extensions", post("Transfer-Encoding: chunked\r\n", "3;a=b\r\nabc\r\n0;c\r\n\r\n"), 200),
        Case("chunks with trailers", post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\nX: y\r\n\r\n"), 200),
        Case("chunk sizes with leading zeros and capitals", post("Transfer-Encoding: Chunked\r\n", "00A\r\n0123456789\r\n0\r\n\r\n"), 200),
        Case("OPTIONS of everything", "OPTIONS * HTTP/1.1\r\n\(end)\r\n", 204),
        Case("OPTIONS of a path", "OPTIONS /hello HTTP/1.1\r\n\(end)\r\n", 204),
        Case("HEAD of a GET route", "HEAD /hello HTTP/1.1\r\n\(end)\r\n", 200),
        // What has no route.
        Case("an unknown path", get(end, target: "/nothing"), 404),
        Case("an unknown method on a path", "DELETE /hello HTTP/1.1\r\n\(end)\r\n", 405),
        Case("a method of one's own", "BREW /hello HTTP/1.1\r\n\(end)\r\n", 405),
        Case("a handler that fails", get(end, target: "/fail"), 500),
        // The request line.
        Case("no version", "GET /hello\r\n\(end)\r\n", 400),
        Case("two spaces", "GET  /hello HTTP/1.1\r\n\(end)\r\n", 400),
        Case("a tab for a space", "GET\t/hello HTTP/1.1\r\n\(end)\r\n", 400),
        Case("a space at the line's end", "GET /hello HTTP/1.1 \r\n\(end)\r\n", 400),
        Case("a space before the method", " GET /hello HTTP/1.1\r\n\(end)\r\n", 400),
        Case("a method that is no token", "G(T /hello HTTP/1.1\r\n\(end)\r\n", 400),
        Case("a method that is too long", String(repeating: "A", count: 40) + " /hello HTTP/1.1\r\n\(end)\r\n", 400),
        Case("a relative target", get(end, target: "hello"), 400),
        Case("an asterisk for GET", get(end, target: "*"), 400),
        Case("an authority for a target", "CONNECT a:80 HTTP/1.1\r\n\(end)\r\n", 400),
        Case("a fragment", get(end, target: "/hello#x"), 400),
        Case("another scheme", get(end, target: "ftp://a/hello"), 400),
        Case("a user name in the target", get(end, target: "http://me@a/hello"), 400),
        Case("high bytes in the target", get(end, target: "/h\u{e9}llo"), 400),
        Case("HTTP/2 in plain text", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        Case("HTTP/1.2", "GET /hello HTTP/1.2\r\n\(end)\r\n", 505),
        Case("HTTP/0.9 by number", "GET /hello HTTP/0.9\r\n\(end)\r\n", 505),
        Case("a version in small letters", "GET /hello http/1.1\r\n\(end)\r\n", 400),
        Case("a version of two digits", "GET /hello HTTP/1.10\r\n\(end)\r\n", 400),
        Case("no HTTP at all", "\u{16}\u{3}\u{1}hello\r\n\r\n", 400),
        // Lines.
        Case("a bare line feed after the request line", "GET /hello HTTP/1.1\n\(end)\r\n", 400),
        Case("a bare line feed after a field", "GET /hello HTTP/1.1\r\nHost: a\nConnection: close\r\n\r\n", 400),
        Case("a bare line feed at the end", "GET /hello HTTP/1.1\r\nHost: a\r\n\n", 400),
        Case("a bare carriage return in a value", get("Host: a\r\nX: a\rb\r\n"), 400),
        Case("a NUL in a value", get("Host: a\r\nX: a\u{0}b\r\n"), 400),
        Case("a NUL in the target", "GET /he\u{0}llo HTTP/1.1\r\n\(end)\r\n", 400),
        Case("another control character in a value", get("Host: a\r\nX: a\u{1}b\r\n"), 400),
        Case("a DEL in a value", get("Host: a\r\nX: a\u{7f}b\r\n"), 400),
        Case("a folded line", get("Host: a\r\nX: a\r\n b\r\n"), 400),
        Case("white space before the colon", get("Host: a\r\nX : a\r\n"), 400),
        Case("white space before the name", get(" Host: a\r\n"), 400),
        Case("a line without a colon", get("Host: a\r\nnonsense\r\n"), 400),
        Case("an empty name", get("Host: a\r\n: x\r\n"), 400),
        Case("a name that is no token", get("Host: a\r\nX(Y): a\r\n"), 400),
        Case("more lines than any request needs", get("Host: a\r\n" + String(repeating: "A: b\r\n", count: 200)), 431),
        Case("a header that is too long", get("Host: a\r\nX: " + String(repeating: "a", count: 40_000) + "\r\n"), 431),
        // Host.
        Case("no host", get("Connection: close\r\n"), 400),
        Case("two hosts", get("Host: a\r\nHost: a\r\n"), 400),
        Case("a host with a path", get("Host: a/b\r\n"), 400),
        Case("a host with a user name", get("Host: me@a\r\n"), 400),
        Case("a host with two ports", get("Host: a:1:2\r\n"), 400),
        Case("a port beyond all ports", get("Host: a:99999999\r\n"), 400),
        Case("a port just beyond all ports", get("Host: a:65536\r\n"), 400),
        Case("a port that is a word", get("Host: a:http\r\n"), 400),
        Case("an IPv6 host without brackets", get("Host: ::1\r\n"), 400),
        Case("a name in brackets", get("Host: [localhost]\r\n"), 400),
        Case("a bracket that does not close", get("Host: [::1\r\n"), 400),
        Case("something behind the bracket", get("Host: [::1]a\r\n"), 400),
        Case("a host of a colon and a port", get("Host: :80\r\n"), 400),
        Case("a host with a bad percent", get("Host: a%zz\r\n"), 400),
        Case("a host with a port and nothing in it", get("Host: a:\r\nConnection: close\r\n"), 200),
        // How bodies are delimited: the ways of request smuggling.
        Case("two equal lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400),
        Case("two different lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), 400),
        Case("a list of lengths", post("Content-Length: 3, 3\r\n", "abc"), 400),
        Case("a length and chunks", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400),
        Case("chunks and a length", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), 400),
        Case("a signed length", post("Content-Length: +3\r\n", "abc"), 400),
        Case("a negative length", post("Content-Length: -3\r\n", "abc"), 400),
        Case("a hexadecimal length", post("Content-Length: 0x3\r\n", "abc"), 400),
        Case("a length with a space", post("Content-Length: 1 2\r\n", "abc"), 400),
        Case("an empty length", post("Content-Length:\r\n", "abc"), 400),
        Case("a length beyond all numbers", post("Content-Length: 99999999999999999999999\r\n", "abc"), 400),
        Case("a length in other digits", post("Content-Length: \u{663}\r\n", "abc"), 400),
        Case("an encoding that does not end in chunked", post("Transfer-Encoding: gzip\r\n", "abc"), 400),
        Case("chunked not last", post("Transfer-Encoding: chunked, gzip\r\n", "abc"), 400),
        Case("chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400),
        Case("an empty member before chunked", post("Transfer-Encoding: , chunked\r\n", "0\r\n\r\n"), 400),
        Case("an empty encoding", post("Transfer-Encoding:\r\n", "abc"), 400),
        Case("an unknown encoding before chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501),
        Case("an encoding with a Kelvin sign", post("Transfer-Encoding: chun\u{212a}ed\r\n", "3\r\nabc\r\n0\r\n\r\n"), 400),
        Case("two encodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400),
        Case("an encoding with a bad letter", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400),
        Case("an encoding with a vertical tab", post("Transfer-Encoding: \u{b}chunked\r\n", "0\r\n\r\n"), 400),
        Case("an encoding for HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        // Chunks.
        Case("a chunk size that is no number", post("Transfer-Encoding: chunked\r\n", "x\r\nabc\r\n0\r\n\r\n"), 400),
        Case("an empty chunk size", post("Transfer-Encoding: chunked\r\n", "\r\nabc\r\n0\r\n\r\n"), 400),
        Case("a signed chunk size", post("Transfer-Encoding: chunked\r\n", "-3\r\nabc\r\n0\r\n\r\n"), 400),
        Case("a chunk size with 0x", post("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n0\r\n\r\n"), 400),
        Case("a chunk size with a space before it", post("Transfer-Encoding: chunked\r\n", " 3\r\nabc\r\n0\r\n\r\n"), 400),
        Case("a chunk size beyond all numbers", post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\nabc\r\n0\r\n\r\n"), 400),
        Case("a chunk longer than its size", post("Transfer-Encoding: chunked\r\n", "3\r\nabcd\r\n0\r\n\r\n"), 400),
        Case("a chunk that ends in a bare line feed", post("Transfer-Encoding: chunked\r\n", "3\r\nabc\n0\r\n\r\n"), 400),
        Case("a chunk size that ends in a bare line feed", post("Transfer-Encoding: chunked\r\n", "3\nabc\r\n0\r\n\r\n"), 400),
        Case("a trailer that is no field", post("Transfer-Encoding: chunked\r\n", "0\r\nnonsense\r\n\r\n"), 400),
        Case("a trailer with white space before the colon", post("Transfer-Encoding: chunked\r\n", "0\r\nX : y\r\n\r\n"), 400),
        Case("a trailer without a name", post("Transfer-Encoding: chunked\r\n", "0\r\n: y\r\n\r\n"), 400),
        Case("many short chunks", post("Transfer-Encoding: chunked\r\n", String(repeating: "1\r\na\r\n", count: 2000) + "0\r\n\r\n"), 200),
        Case(
            "extensions that are most of the body",
            post(
                "Transfer-Encoding: chunked\r\n",
                String(repeating: "1;" + String(repeating: "a", count: 3000) + "\r\na\r\n", count: 100) + "0\r\n\r\n"
            ),
            400
        ),
        Case(
            "an endless extension",
            post("Transfer-Encoding: chunked\r\n", "3;" + String(repeating: "a", count: 5000) + "\r\nabc\r\n0\r\n\r\n"),
            400
        ),
        // The rest.
        Case("an expectation that is unknown", post("Content-Length: 3\r\nExpect: a miracle\r\n", "abc"), 417),
        Case("a body that is too large", post("Content-Length: 2000000\r\n"), 413),
        Case("a query that is not percent-encoded", get(end, target: "/hello?a=%zz"), 400),
        Case("a path that is not UTF-8", get(end, target: "/name/%ff"), 400),
        Case("a path with an encoded NUL", get(end, target: "/name/%00"), 400),
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

import Foundation
import HTTP
import HTTPTypes
import Testing

@Suite("Connections")
struct ConnectionTests {
    private let hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("a connection serves one request after the other, pipelined ones in order")
    func keepsAlive() async throws {
        let server = try await TestServer()
        let (first, rest) = try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send(hello)
            let first = client.read(until: "hello")
            client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + "GET /name/x HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "GET /stream/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            )
            return (first, client.readToEnd())
        }
        #expect(first.hasPrefix("HTTP/1.1 200 OK\r\n") && first.contains("Content-Length: 5") && first.contains("Date: "))
        let answers = rest.components(separatedBy: "HTTP/1.1 200 OK\r\n").dropFirst()
        #expect(answers.count == 3)
        #expect(answers.map { $0.components(separatedBy: "\r\n\r\n")[1] } == ["abc", "x|", "8\r\npiece 0\n\r\n8\r\npiece 1\n\r\n0"])
        await server.stop()
    }

    @Test("a head that arrives byte by byte is one request")
    func splitHead() async throws {
        let server = try await TestServer()
        let answer = try await server.blocking { server in
            let client = try RawClient(port: server.port)
            for byte
                in "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
                .utf8
            {
                client.send([byte])
            }
            return client.readToEnd()
        }
        #expect(answer.hasSuffix("\r\n\r\nabc"))
        await server.stop()
    }

    @Test("HEAD has the head of GET and no body; HTTP/1.0 gets no chunks")
    func headAndOldClients() async throws {
        let server = try await TestServer()
        let head = try await server.exchange("HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(head.contains("Content-Length: 5\r\n") && head.hasSuffix("\r\n\r\n"))
        let streamed = try await server.exchange("HEAD /stream/3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(streamed.contains("Transfer-Encoding: chunked") && streamed.hasSuffix("\r\n\r\n"))
        let old = try await server.exchange("GET /stream/2 HTTP/1.0\r\n\r\n")
        #expect(!old.contains("chunked") && old.hasSuffix("\r\n\r\npiece 0\npiece 1\n"))
        let kept = try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let first = client.read(until: "hello")
            client.send("GET /hello HTTP/1.0\r\n\r\n")
            return first + client.readToEnd()
        }
        #expect(kept.components(separatedBy: "HTTP/1.1 200").count == 3 && kept.contains("Connection: keep-alive"))
        await server.stop()
    }

    @Test("100 Continue is sent when the handler reads, and not when it refuses")
    func expectContinue() async throws {
        let server = try await TestServer()
        let (interim, answer) = try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            let interim = client.read(until: "\r\n\r\n")
            client.send("abc")
            return (interim, client.readToEnd())
        }
        #expect(interim == "HTTP/1.1 100 Continue\r\n\r\n" && answer.hasSuffix("abc"))
        let refused = try await server.exchange("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        #expect(refused.hasPrefix("HTTP/1.1 401") && !refused.contains("100 Continue") && refused.contains("Connection: close"))
        await server.stop()
    }

    @Test("an answer that is sent before a megabyte of body was read arrives whole, every time")
    func earlyAnswers() async throws {
        let server = try await TestServer()
        let body = [UInt8](repeating: 0x61, count: 1_300_000)
        for path in ["/refuse", "/echo"] {
            for _ in 0..<25 {
                let answer = try await server.blocking { server in
                    let client = try RawClient(port: server.port)
                    client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
                    client.send(body)
                    return client.readToEnd()
                }
                #expect(answer.hasPrefix(path == "/refuse" ? "HTTP/1.1 401" : "HTTP/1.1 413"))
            }
        }
        await server.stop()
    }

    @Test("bodies of several megabytes pass, by length and in chunks")
    func largeBodies() async throws {
        let server = try await TestServer { $0.bodyBytes = 64 << 20 }
        let (byLength, inChunks) = try await server.blocking { server in
            let piece = [UInt8](repeating: 0x61, count: 1 << 20)
            let first = try RawClient(port: server.port)
            first.send("POST /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(8 << 20)\r\n\r\n")
            for _ in 0..<8 { first.send(piece) }
            let second = try RawClient(port: server.port)
            second.send("POST /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<8 {
                second.send("100000\r\n")
                second.send(piece)
                second.send("\r\n")
            }
            second.send("0\r\n\r\n")
            return (first.readToEnd(), second.readToEnd())
        }
        #expect(byLength.hasSuffix("\(8 << 20)") && inChunks.hasSuffix("\(8 << 20)"))
        await server.stop()
    }

    @Test("chunked bodies beyond the limit are refused")
    func largeChunks() async throws {
        let server = try await TestServer()
        let answer = try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<20 { client.send("20000\r\n" + String(repeating: "a", count: 0x20000) + "\r\n") }
            return client.readToEnd()
        }
        #expect(answer.hasPrefix("HTTP/1.1 413"))
        await server.stop()
    }

    @Test("gzip bodies are unpacked, within a bound on what they unpack to")
    func gzip() async throws {
        let server = try await TestServer()
        func post(_ content: [UInt8]) async throws -> String {
            let packed = Gzip.pack(content)
            return try await server.blocking { server in
                let client = try RawClient(port: server.port)
                client.send(
                    "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n"
                )
                client.send(packed)
                return client.readToEnd()
            }
        }
        let text = String(repeating: "packed ", count: 10_000)
        #expect(try await post(Array(text.utf8)).hasSuffix(text))
        let bomb = try await post([UInt8](repeating: 0, count: 200 << 20))
        #expect(bomb.hasPrefix("HTTP/1.1 413"))
        await server.stop()
    }

    @Test("a handler is cancelled as soon as its client goes away")
    func clientLeaves() async throws {
        let server = try await TestServer()
        try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            Thread.sleep(forTimeInterval: 0.2)
            #expect(server.events.all == ["slow begun"])
        }
        #expect(await server.events.wait(for: "slow cancelled"))
        await server.stop()
    }

    @Test(
        "nor do bytes that nobody has read keep a handler whose client is gone",
        arguments: [
            "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nbegun",
            "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
        ],
        [false, true]
    )
    func clientLeavesBytesBehind(request: String, resets: Bool) async throws {
        let server = try await TestServer()
        try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send(request)
            Thread.sleep(forTimeInterval: 0.2)
            #expect(server.events.all == ["slow begun"])
            if resets { client.resetWhenClosed() }
        }
        #expect(await server.events.wait(for: "slow cancelled"))
        await server.stop()
    }

    @Test("a writer that outlives its response writes nothing into the next")
    func strayWriter() async throws {
        let server = try await TestServer()
        let answer = try await server.exchange(
            "GET /stray HTTP/1.1\r\nHost: a\r\n\r\nGET /brief HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        #expect(await server.events.wait(for: "stray refused"))
        #expect(answer.components(separatedBy: "HTTP/1.1 200").count == 3 && answer.hasSuffix("done"))
        let between = answer.components(separatedBy: "whole").last?.components(separatedBy: "HTTP/1.1").first
        // Some stray pieces may have come before the closure returned; none comes after the last chunk.
        #expect(between?.hasSuffix("0\r\n\r\n") == true)
        await server.stop()
    }

    @Test("a body that something still reads when its answer has ended holds up neither the reader nor the connection's end")
    func strayReader() async throws {
        let events = TestServer.Events()
        let route = Route(.post, "/stray-reader") { request in
            Task {
                do { _ = try await request.body.collect() } catch { events.add("reader: \(error)") }
            }
            try await Task.sleep(for: .milliseconds(100))
            return ServerResponse(status: .ok, body: .bytes(Array("answered".utf8)))
        }
        let server = try await TestServer(routes: [route]) { $0.lingerTimeout = .milliseconds(500) }
        let client = try RawClient(port: server.port)
        client.send("POST /stray-reader HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
        let answer = try await server.blocking { _ in client.readToEnd() }
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("answered"))
        #expect(await events.wait(for: "reader: \(RequestBodyError.disconnected)"))
        // The client neither sends nor closes.
        for _ in 0..<200 where server.server.connectionCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(server.server.connectionCount == 0)
        withExtendedLifetime(client) {}
        await server.stop()
    }

    @Test("a status without a body is not delimited as one, streamed or not")
    func emptyStream() async throws {
        let server = try await TestServer()
        let answer = try await server.exchange(
            "GET /empty-stream HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        #expect(answer.hasPrefix("HTTP/1.1 204") && !answer.contains("Transfer-Encoding") && answer.hasSuffix("hello"))
        await server.stop()
    }

    @Test("a header of more than the input's usual bound passes where the limit is higher, and no further")
    func longHeaders() async throws {
        let server = try await TestServer { $0.headerBytes = 200 << 10 }
        for (count, status) in [(150 << 10, 200), (250 << 10, 431)] {
            let value = String(repeating: "a", count: count)
            let answer = try await server.exchange("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: \(value)\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 \(status)"))
        }
        await server.stop()
    }

    @Test("a slow reader makes the handler wait, within a bound, and is cut off after the write time-out")
    func slowReader() async throws {
        let server = try await TestServer { $0.writeTimeout = .milliseconds(600) }
        let client = try RawClient(port: server.port)
        client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await server.events.wait(for: "big stopped"))
        // 256 MiB were to be written; socket buffers and the server's own take only a few.
        #expect(server.events.all.count < 400)
        withExtendedLifetime(client) {}
        await server.stop()
    }

    @Test("a reader that goes on gets everything")
    func patientReader() async throws {
        let server = try await TestServer()
        let count = try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send("GET /big HTTP/1.0\r\n\r\n")
            var count = 0
            while let piece = client.readSome() { count += piece.count }
            return count
        }
        #expect(count > 4096 * (64 << 10))
        await server.stop()
    }

    @Test("a handler that fails midway closes without the body's end")
    func failsMidway() async throws {
        let server = try await TestServer()
        let answer = try await server.exchange("GET /midway HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("begun") && !answer.hasSuffix("0\r\n\r\n"))
        await server.stop()
    }

    @Test("paths and queries are percent-decoded; an encoded slash stays in its segment")
    func decodesPaths() async throws {
        let server = try await TestServer()
        let answer = try await server.exchange("GET /name/a%2Fb%20%C3%A9?x=1&y=a+b%26&z HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(answer.hasSuffix("\r\n\r\na/b é|x=1,y=a b&,z=nil"))
        await server.stop()
    }

    @Test("405 names the methods there are")
    func allows() async throws {
        let server = try await TestServer()
        let answer = try await server.exchange("PUT /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 405") && answer.contains("Allow: GET, HEAD\r\n"))
        await server.stop()
    }
}

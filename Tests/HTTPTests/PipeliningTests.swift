import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing

@Suite("Pipelining")
struct PipeliningTests {
    private static let count = 50_000

    /// How much memory the process has in use now, in bytes.
    private static func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (Int(fields[1]) ?? 0) * Int(getpagesize())
    }

    @Test(
        "a client that sends many requests and reads nothing is made to wait, and then gets every answer in order",
        .timeLimit(.minutes(1))
    )
    func bounded() async throws {
        let seen = Mutex(0)
        let padding = [UInt8](repeating: 0x2e, count: 2000)
        let route = Route(.get, "/item/{number}") { request in
            seen.withLock { $0 += 1 }
            return ServerResponse(status: .ok, body: .bytes(Array("<\(request.parameters["number"] ?? "")>".utf8) + padding))
        }
        let server = try await TestServer(routes: [route])
        let client = try RawClient(port: server.port)
        let before = try Self.residentBytes()
        let sender = Task.detached {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    var sent = true
                    for first in stride(from: 0, to: Self.count, by: 100) where sent {
                        let text = (first..<first + 100).map { "GET /item/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
                        sent = client.send(text) == text.utf8.count
                    }
                    continuation.resume(returning: sent)
                }
            }
        }
        // The handler is called no more once the answers have nowhere to go.
        var (last, still) = (-1, 0)
        while still < 10 {
            try await Task.sleep(for: .milliseconds(50))
            let now = seen.withLock { $0 }
            (last, still) = (now, now == last && now > 0 ? still + 1 : 0)
        }
        #expect(last < Self.count / 2, "\(last) requests were answered though nobody read")
        // What waits is in the system's buffers; the server's own are some hundreds of kilobytes. A sanitizer keeps what was freed, too.
        let held = try Self.residentBytes() - before
        #expect(held < 16 << 20 || Sanitizer.isOn)

        let (numbers, rest) = try await server.blocking { _ in
            var (numbers, bytes, searched) = ([Int](), [UInt8](), 0)
            while numbers.count < Self.count, let piece = client.readSome() {
                bytes += piece
                while let open = bytes[searched...].firstIndex(of: 0x3c), let close = bytes[open...].firstIndex(of: 0x3e) {
                    numbers.append(Int(String(decoding: bytes[(open + 1)..<close], as: UTF8.self)) ?? -1)
                    searched = close + 1
                }
                bytes.removeFirst(searched)
                searched = 0
            }
            client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return (numbers, client.readToEnd())
        }
        #expect(await sender.value)
        #expect(numbers.elementsEqual(0..<Self.count) && rest.hasSuffix("hello"))
        await server.stop()
    }
}

import Foundation
import HTTP
import Testing

@Suite("Connections that cannot be taken", .serialized)
struct AcceptFailureTests {
    /// Processor time of the process, in seconds.
    private static var processorTime: Double {
        Double(clock()) / Double(CLOCKS_PER_SEC)
    }

    @Test(
        "a server without descriptors says so, does not spin, and takes the connections that waited once it has some",
        .timeLimit(.minutes(1))
    )
    func recovers() async throws {
        let log = CapturedLog()
        let server = try await TestServer(logger: log.logger)
        let answers = try await server.blocking { server in
            let first = try RawClient(port: server.port)
            first.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            var answers = [first.read(until: "hello")]
            let waiting = (0..<3).map { _ in RawClient() }
            // What the process may still open, it opens.
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            var usual = rlimit()
            getrlimit(resource, &usual)
            var low = usual
            low.rlim_cur = min(400, usual.rlim_cur)
            setrlimit(resource, &low)
            var held: [Int32] = []
            defer {
                for descriptor in held { close(descriptor) }
                setrlimit(resource, &usual)
            }
            while case let copy = dup(first.descriptor), copy >= 0 { held.append(copy) }
            guard errno == EMFILE else { throw CocoaError(.fileReadUnknown) }
            for client in waiting { try client.connect(port: server.port) }
            for client in waiting { client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") }
            let time = Self.processorTime
            Thread.sleep(forTimeInterval: 1.5)
            let spent = Self.processorTime - time
            let early = waiting.filter(\.canRead).count
            // Those that are connected are served meanwhile.
            first.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            answers.append(first.read(until: "hello"))
            for descriptor in held { close(descriptor) }
            held = []
            answers += waiting.map { $0.readToEnd() }
            return (answers, early, spent)
        }
        #expect(answers.1 == 0 && answers.2 < 0.5, "\(answers.2) seconds of processor time in 1.5")
        #expect(answers.0.count == 5 && answers.0.allSatisfy { $0.hasPrefix("HTTP/1.1 200") && $0.hasSuffix("hello") })
        #expect(log.warnings == ["new connections have to wait: Too many open files"])
        await server.stop()
    }

    @Test("nor does an error spin that is not of one connection and does not pass", .timeLimit(.minutes(1)))
    func lastingError() async throws {
        let log = CapturedLog()
        let server = try await TestServer(logger: log.logger)
        let (answer, spent) = try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            var answer = client.read(until: "hello")
            // The listening socket listens no more, which the server did not ask for.
            for descriptor in 0..<Int32(1024) where Self.listens(descriptor, port: server.port) { shutdown(descriptor, Int32(SHUT_RDWR)) }
            let time = Self.processorTime
            Thread.sleep(forTimeInterval: 1.5)
            let spent = Self.processorTime - time
            client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            answer += client.readToEnd()
            return (answer, spent)
        }
        #expect(spent < 0.5, "\(spent) seconds of processor time in 1.5")
        #expect(answer.components(separatedBy: "HTTP/1.1 200").count == 3)
        #expect(log.warnings == ["new connections have to wait: Invalid argument"])
        await server.stop()
        #expect(server.server.connectionCount == 0)
    }

    private static func listens(_ descriptor: Int32, port: Int) -> Bool {
        var (flag, size): (Int32, socklen_t) = (0, 4)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &flag, &size) == 0, flag != 0 else { return false }
        var (address, length) = (sockaddr_in(), socklen_t(MemoryLayout<sockaddr_in>.size))
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return status == 0 && Int(UInt16(bigEndian: address.sin_port)) == port
    }
}

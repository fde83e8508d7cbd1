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

    @Test(
        "an error of one connection costs that one, and any other is waited out, so that none that lasts makes a loop",
        arguments: [
            (ECONNABORTED, "aborted"), (EPERM, "aborted"), (EMFILE, "failed"), (ENOBUFS, "failed"), (EINVAL, "failed"), (EBADF, "failed"),
        ]
    )
    func errors(code: Int32, outcome: String) {
        switch ListeningSocket.outcome(of: code) {
        case .aborted: #expect(outcome == "aborted")
        case .failed(let told): #expect(outcome == "failed" && told == code)
        default: Issue.record("\(code)")
        }
    }
}

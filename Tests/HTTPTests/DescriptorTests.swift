import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

@Suite("File descriptors", .serialized)
struct DescriptorTests {
    /// Bounds how many descriptors this process may have while something runs.
    private func withDescriptors(_ count: Int, _ body: () async throws -> Void) async throws {
        var before = rlimit()
        try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before) == 0)
        var bound = before
        bound.rlim_cur = rlim_t(count)
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &bound) == 0)
        defer { setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before) }
        try await body()
    }

    /// The number that the next file would have.
    private func nextDescriptor() throws -> Int {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        close(descriptor)
        return Int(descriptor)
    }

    @Test("connections leave the rest of the process some descriptors, wait for theirs, and are served once others close")
    func reserve() async throws {
        let server = try await TestServer()
        // Of so many a quarter is left, and here each connection takes two, one of which is the client's.
        let count = try nextDescriptor() + 80
        try await withDescriptors(count) {
            var clients: [RawClient] = []
            while try nextDescriptor() < count - 8 {
                clients.append(try RawClient(port: server.port))
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(server.server.connectionCount < clients.count)
            #expect(server.server.connectionCount > 5)
            let last = try #require(clients.last)
            last.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            clients = []
            let answer = try await server.blocking { _ in last.readToEnd() }
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
        await server.stop()
    }
}

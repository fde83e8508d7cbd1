import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A connection of a test. Reads and writes block threads of their own: those of the tests are few, and Dispatch is slow to add more.
final class TestConnection: Sendable {
    private let descriptor: Int32
    private let isOpen = Atomic<Bool>(true)
    private let received = Mutex<[UInt8]>([])

    /// Connects to a port of this machine.
    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0, let number = UInt16(exactly: port) else { throw TestFailure("no socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard status == 0 else {
            Glibc.close(descriptor)
            throw TestFailure("cannot connect to port \(port): errno \(errno)")
        }
        var timeout = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close()
    }

    /// Ends the connection from this side.
    func close() {
        if isOpen.exchange(false, ordering: .relaxed) { _ = Glibc.close(descriptor) }
    }

    /// Sends all bytes.
    func write(_ bytes: [UInt8]) async throws {
        try await blocking { [descriptor] in
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { throw TestFailure("cannot send: errno \(errno)") }
                sent += count
            }
        }
    }

    /// The next bytes; nil at the end.
    func read() async throws -> [UInt8]? {
        try await blocking { [descriptor] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count >= 0 else { throw TestFailure("cannot receive: errno \(errno)") }
            return count == 0 ? nil : Array(buffer[..<count])
        }
    }

    /// Reads until a text has come, and returns all that came so far.
    func read(until text: String) async throws -> String {
        while true {
            let sofar = received.withLock { String(decoding: $0, as: UTF8.self) }
            if sofar.contains(text) { return sofar }
            guard let bytes = try await read() else { throw TestFailure("the connection ended before '\(text)': \(sofar)") }
            received.withLock { $0 += bytes }
        }
    }

    /// Reads to the end and takes the answer apart.
    func answer() async throws -> TestAnswer {
        while let bytes = try await read() { received.withLock { $0 += bytes } }
        return try TestAnswer(received.withLock { $0 })
    }

    private func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}

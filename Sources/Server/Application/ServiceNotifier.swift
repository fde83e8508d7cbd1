import Foundation
import Inference

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Tells the service manager that started this process how far it is, by the protocol of `sd_notify(3)`: a datagram to the socket that `NOTIFY_SOCKET` names.
package struct ServiceNotifier: Sendable {
    /// What is told.
    package enum Message: Sendable, Equatable {
        /// The server takes requests: it has started, or has read anew what it reads at SIGHUP. `systemctl status` shows the text.
        case ready(status: String)
        /// It reads its configuration anew.
        case reloading
        /// It drains.
        case stopping(status: String)
    }

    /// Why a message did not arrive.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// The socket's name; nil where nobody wants to know.
    private let name: String?

    /// Makes one that tells whom the environment names in `NOTIFY_SOCKET`, an absolute path or, after an `@`, a name in Linux's abstract namespace;
    /// nobody where there is none.
    package init(environment: [String: String]) {
        name = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Tells a message. It waits for a second at most where the manager does not read.
    ///
    /// - Throws: ``Failure``
    package func tell(_ message: Message) async throws {
        guard let name else { return }
        try await OffPool.run { try Self.send(message, to: name) }
    }

    private static func send(_ message: Message, to name: String) throws(Failure) {
        let bytes = Array(text(of: message).utf8)
        var (address, length) = try Self.address(of: name)
        let descriptor = socket(AF_UNIX, datagram, 0)
        guard descriptor >= 0 else { throw failure("open a socket for", name) }
        defer { close(descriptor) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { sendto(descriptor, bytes, bytes.count, 0, $0, length) }
        }
        guard sent == bytes.count else { throw failure("write to", name) }
    }

    /// Assignments, a line each. A reload names when it began, for the manager to tell it from one before.
    private static func text(of message: Message) -> String {
        switch message {
        case .ready(let status): "READY=1\nSTATUS=\(line(status))\n"
        case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(monotonicMicroseconds)\n"
        case .stopping(let status): "STOPPING=1\nSTATUS=\(line(status))\n"
        }
    }

    private static func line(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }

    private static var monotonicMicroseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    #if canImport(Glibc)
    private static let datagram = Int32(SOCK_DGRAM.rawValue)
    #else
    private static let datagram = SOCK_DGRAM
    #endif

    private static func address(of name: String) throws(Failure) -> (sockaddr_un, socklen_t) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(name.utf8)
        let isAbstract = path.first == UInt8(ascii: "@")
        guard isAbstract || path.first == UInt8(ascii: "/") else {
            throw Failure(description: "NOTIFY_SOCKET is '\(name)'; expected a path from the root, or a name after an @")
        }
        if isAbstract { path[0] = 0 }
        // An abstract name is its bytes, a path ends with a zero.
        let used = path.count + (isAbstract ? 0 : 1)
        guard used <= MemoryLayout.size(ofValue: address.sun_path) else {
            throw Failure(description: "NOTIFY_SOCKET is '\(name)', which is too long for a socket's name")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? MemoryLayout<sa_family_t>.size
        return (address, socklen_t(start + used))
    }

    private static func failure(_ operation: String, _ name: String) -> Failure {
        let reason = String(cString: strerror(errno))
        return Failure(description: "cannot \(operation) the service manager's socket '\(name)': \(reason)")
    }
}

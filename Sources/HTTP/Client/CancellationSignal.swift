#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Tells a thread that waits on descriptors to stop: a pair of sockets, one of which that thread watches, too.
///
/// Whoever may raise or watch it holds it, so its descriptors are open, and its own, for as long as anyone uses them.
final class CancellationSignal: Sendable {
    /// Has something to read once the signal was raised.
    let descriptor: Int32
    private let writer: Int32

    /// Opens the pair: unlike a pipe, in one call that keeps it from child processes.
    ///
    /// - Parameter address: where the request goes, for the error.
    init(address: String) throws(HTTPClientError) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw .system(operation: "connect to", address: address, reason: String(cString: strerror(errno)))
        }
        (descriptor, writer) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(writer)
    }

    /// Raises it, for good. The byte is never read, and never waits: there is room for it.
    func raise() {
        var byte: UInt8 = 1
        _ = send(writer, &byte, 1, Int32(MSG_NOSIGNAL))
    }
}

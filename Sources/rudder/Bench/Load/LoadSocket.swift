#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A connection whose calls never wait.
final class LoadSocket {
    /// What came of reading.
    enum Reading {
        /// So many bytes.
        case bytes(Int)
        /// Nothing yet.
        case nothing
        /// The server closed its side.
        case end
    }

    /// For `poll`.
    let descriptor: Int32

    private static let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)

    /// Begins to connect; `poll` tells when it can be written to.
    init(to address: LoadAddress) throws(LoadFailure) {
        let descriptor = socket(address.family, Self.type, 0)
        guard descriptor >= 0 else { throw Self.failure(errno) }
        self.descriptor = descriptor
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let status = address.socketAddress.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { connect(descriptor, $0.baseAddress, socklen_t(bytes.count)) }
        }
        // The descriptor is closed with this object, which is whole by now.
        if status != 0, errno != EINPROGRESS { throw Self.failure(errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Whether connecting worked.
    func checkConnected() throws(LoadFailure) {
        var (error, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
        guard error == 0 else { throw Self.failure(error) }
    }

    /// Sends what the socket takes now; how many bytes that is.
    func send(_ bytes: ArraySlice<UInt8>) throws(LoadFailure) -> Int {
        let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count >= 0 { return count }
        guard errno == EAGAIN || errno == EINTR else { throw Self.failure(errno) }
        return 0
    }

    /// Reads what is there.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(LoadFailure) -> Reading {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .end }
        guard errno == EAGAIN || errno == EINTR else { throw Self.failure(errno) }
        return .nothing
    }

    private static func failure(_ code: Int32) -> LoadFailure {
        .connection(String(cString: strerror(code)))
    }
}

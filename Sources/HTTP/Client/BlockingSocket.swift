#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A connected socket whose calls wait, up to a time-out.
final class BlockingSocket: ClientStream {
    private let descriptor: Int32
    let address: String

    init(host: String, port: Int, timeout: Duration) throws(HTTPClientError) {
        address = "\(host):\(port)"
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, "\(port)", &hints, &list)
        guard status == 0 else {
            throw .system(operation: "find", address: address, reason: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(list) }
        var (candidate, failure) = (list, ECONNREFUSED)
        while let info = candidate {
            let descriptor = socket(info.pointee.ai_family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            if descriptor >= 0 {
                var limit = timeval(tv_sec: Int(timeout.components.seconds), tv_usec: 0)
                setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
                setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
                if connect(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0 {
                    self.descriptor = descriptor
                    return
                }
                failure = errno
                close(descriptor)
            }
            candidate = info.pointee.ai_next
        }
        throw .system(operation: "connect to", address: address, reason: String(cString: strerror(failure)))
    }

    deinit {
        close(descriptor)
    }

    /// Sends everything; the failure where that does not work.
    func send(_ bytes: [UInt8]) -> HTTPClientError? {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return .system(operation: "send to", address: address, reason: String(cString: strerror(errno))) }
            sent += count
        }
        return nil
    }

    /// What comes next; nil at the end.
    func receive() throws(HTTPClientError) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            if count == 0 { return nil }
            guard count > 0 else { throw .system(operation: "receive from", address: address, reason: String(cString: strerror(errno))) }
            return Array(buffer[..<count])
        }
    }
}

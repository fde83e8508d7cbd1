#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A connected socket whose calls wait, up to the exchange's limit. The descriptor itself does not block: `poll` waits.
final class BlockingSocket: ClientStream {
    private let descriptor: Int32
    private let limit: ExchangeLimit
    let address: String

    init(host: String, port: Int, limit: ExchangeLimit) throws(HTTPClientError) {
        address = "\(host):\(port)"
        self.limit = limit
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, "\(port)", &hints, &list)
        guard status == 0 else {
            throw .system(operation: "find", address: address, reason: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(list) }
        var candidates: [addrinfo] = []
        var next = list
        while let info = next {
            candidates.append(info.pointee)
            next = info.pointee.ai_next
        }
        var failure = Self.failure("connect to", address, ECONNREFUSED)
        for (index, candidate) in candidates.enumerated() {
            do throws(HTTPClientError) {
                // One address that nobody answers at leaves time for the others.
                descriptor = try Self.connected(candidate, address: address, limit: limit.share(of: candidates.count - index))
                return
            } catch {
                if error == .cancelled { throw error }
                failure = error
            }
        }
        throw failure
    }

    deinit {
        close(descriptor)
    }

    /// A socket that is connected to one of the host's addresses.
    private static func connected(_ candidate: addrinfo, address: String, limit: ExchangeLimit) throws(HTTPClientError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(candidate.ai_family, type, 0)
        guard descriptor >= 0 else { throw failure("connect to", address, errno) }
        do throws(HTTPClientError) {
            guard connect(descriptor, candidate.ai_addr, candidate.ai_addrlen) != 0 else { return descriptor }
            guard errno == EINPROGRESS || errno == EINTR else { throw failure("connect to", address, errno) }
            try limit.wait(for: POLLOUT, on: descriptor)
            var (code, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
            if getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) != 0 { code = errno }
            guard code == 0 else { throw failure("connect to", address, code) }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Sends everything; the failure where that does not work.
    func send(_ bytes: [UInt8]) -> HTTPClientError? {
        var sent = 0
        do throws(HTTPClientError) {
            while sent < bytes.count {
                try limit.wait(for: POLLOUT, on: descriptor)
                let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                if count < 0, Self.isPassing(errno) { continue }
                guard count > 0 else { throw Self.failure("send to", address, errno) }
                sent += count
            }
            return nil
        } catch {
            return error
        }
    }

    /// What comes next; nil at the end.
    func receive() throws(HTTPClientError) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            try limit.wait(for: POLLIN, on: descriptor)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, Self.isPassing(errno) { continue }
            if count == 0 { return nil }
            guard count > 0 else { throw Self.failure("receive from", address, errno) }
            return Array(buffer[..<count])
        }
    }

    /// Whether a call that failed so is worth another try.
    private static func isPassing(_ code: Int32) -> Bool {
        code == EINTR || code == EAGAIN || code == EWOULDBLOCK
    }

    private static func failure(_ operation: String, _ address: String, _ code: Int32) -> HTTPClientError {
        .system(operation: operation, address: address, reason: String(cString: strerror(code)))
    }
}

import Glibc

/// A socket that speaks raw bytes to a server of the tests, with blocking calls on a thread of its own.
final class RawClient: Sendable {
    /// The server takes no connection.
    struct Refused: Error {
        let reason: String
    }

    let descriptor: Int32

    /// Makes a socket that is connected to nothing yet.
    init() {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    convenience init(port: Int) throws {
        self.init()
        try connect(port: port)
    }

    func connect(port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Refused(reason: String(cString: strerror(errno))) }
    }

    deinit {
        close(descriptor)
    }

    /// Sends as much as the server takes; the number of bytes.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Int {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    @discardableResult
    func send(_ text: String) -> Int {
        send(Array(text.utf8))
    }

    /// Reads until what came contains `end`, or nothing follows.
    func read(until end: String) -> String {
        var bytes: [UInt8] = []
        while !String(decoding: bytes, as: UTF8.self).contains(end), let piece = readSome() { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads until what came last is `end`, or nothing follows; how many bytes that were. For much of it.
    @discardableResult
    func read(last end: String) -> Int {
        var (count, tail) = (0, [UInt8]())
        while !tail.elementsEqual(end.utf8), let piece = readSome() {
            count += piece.count
            tail = (tail + piece).suffix(end.utf8.count)
        }
        return count
    }

    /// Reads until the server closes.
    func readToEnd() -> String {
        var bytes: [UInt8] = []
        while let piece = readSome() { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    func readSome() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    /// Whether something has come, or the server has closed.
    var canRead: Bool {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) > 0
    }

    /// Lets closing break the connection off, in place of ending it.
    func resetWhenClosed() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    func shutdownWriting() {
        shutdown(descriptor, Int32(SHUT_WR))
    }
}

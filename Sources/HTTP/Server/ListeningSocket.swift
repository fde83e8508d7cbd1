#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A socket that takes connections, non-blocking.
package struct ListeningSocket {
    let descriptor: Int32
    let address: SocketAddress

    /// How many connections may wait to be taken.
    static let backlog = 1024

    /// Binds and listens.
    init(host: String, port: Int) throws(HTTPServerError) {
        guard (0...65535).contains(port) else { throw .badPort(port) }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let status = getaddrinfo(name, "\(port)", &hints, &list)
        guard status == 0, let info = list else { throw .unknownHost(host, reason: String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        let described = "\(host):\(port)"
        let descriptor = socket(
            info.pointee.ai_family,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw Self.failure("open a socket for", described) }
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0, listen(descriptor, Int32(Self.backlog)) == 0 else {
            let error = Self.failure("listen on", described)
            close(descriptor)
            throw error
        }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let named = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard named == 0, let address = SocketAddress(storage) else {
            let error = Self.failure("read the address of", described)
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.address = address
    }

    private static func failure(_ operation: String, _ address: String) -> HTTPServerError {
        .system(operation: operation, address: address, reason: String(cString: strerror(errno)))
    }

    /// Lets the system drop the packets that would begin a connection, while handshakes that have begun go on and their connections can be taken. To close a
    /// socket resets the connections that were not taken yet, with what their clients have sent; after this there are soon none. Who is ignored tries
    /// again in a second, and is refused when the socket is closed by then.
    ///
    /// - Returns: false where the system cannot do it.
    func ignoreNewPeers() -> Bool {
        #if os(Linux)
        // A classic BPF program. The TCP header's byte 13 holds the flags: SYN (2) without ACK (16) begins a connection.
        let program = [
            PacketInstruction(code: 0x30, operand: 13),  // ldb [13]
            PacketInstruction(code: 0x54, operand: 0x12),  // and #SYN|ACK
            PacketInstruction(code: 0x15, otherwise: 1, operand: 0x02),  // jeq #SYN, the next, the one after it
            PacketInstruction(code: 0x06, operand: 0),  // ret #0: drop
            PacketInstruction(code: 0x06, operand: .max),  // ret #-1: keep
        ]
        return program.withUnsafeBufferPointer { instructions in
            var filter = PacketProgram(count: UInt16(instructions.count), instructions: instructions.baseAddress)
            return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, socklen_t(MemoryLayout<PacketProgram>.size)) == 0
        }
        #else
        return false
        #endif
    }

    /// As C's `sock_filter`.
    private struct PacketInstruction {
        var code: UInt16
        var then: UInt8 = 0
        var otherwise: UInt8 = 0
        var operand: UInt32
    }

    /// As C's `sock_fprog`.
    private struct PacketProgram {
        var count: UInt16
        var instructions: UnsafePointer<PacketInstruction>?
    }

    /// What an attempt to take a connection gave.
    package enum Accepted {
        case connection(Int32, SocketAddress)
        /// None is waiting.
        case none
        /// The peer gave up before it was taken; others may wait.
        case aborted
        /// None can be taken now, as where the process or the system has no descriptor or memory left; the system's error number.
        case failed(Int32)
    }

    /// What an error number of `accept` says.
    package static func outcome(of code: Int32) -> Accepted {
        switch code {
        case EAGAIN, EWOULDBLOCK: .none
        // These are of one connection, or of the network between.
        case EINTR, ECONNABORTED, EPERM, EPROTO, ENOPROTOOPT, EOPNOTSUPP, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET: .aborted
        default: .failed(code)
        }
    }

    /// Takes a connection that waits, non-blocking and without Nagle's delay. Some descriptors are left to the rest of the process.
    func accept() -> Accepted {
        if DescriptorReserve.isReached {
            // Nobody has to wait where nobody is there.
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&entry, 1, 0) > 0 ? .failed(EMFILE) : .none
        }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let connection = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.accept(descriptor, $0, &length)
            }
        }
        guard connection >= 0 else {
            return Self.outcome(of: errno)
        }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        guard fcntl(connection, F_SETFL, O_NONBLOCK) == 0 else {
            close(connection)
            return .aborted
        }
        var one: Int32 = 1
        setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        // A peer that is gone without a word is found out, also where nothing is to be sent.
        setsockopt(connection, SOL_SOCKET, SO_KEEPALIVE, &one, socklen_t(MemoryLayout<Int32>.size))
        return .connection(connection, SocketAddress(storage) ?? SocketAddress(host: "unknown", port: 0))
    }
}

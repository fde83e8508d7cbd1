import Foundation

/// Reads standard input. Reading waits for whoever writes, so it belongs on no thread that others wait for.
enum StandardInput {
    private static let pieceBytes = 64 << 10

    /// What there is to read, as soon as there is any; nothing at the end.
    ///
    /// - Parameter wanted: what to give it, for the error.
    static func piece(wanted: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: pieceBytes)
        while true {
            let count = bytes.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count >= 0 { return Array(bytes[..<count]) }
            switch errno {
            case EINTR: continue
            case EAGAIN: waitForMore(STDIN_FILENO)
            default: throw CommandError("cannot read standard input: \(String(cString: strerror(errno))); give it \(wanted)")
            }
        }
    }

    /// All there is, to its end.
    ///
    /// - Parameter wanted: what to give it, for the error.
    static func all(wanted: String) throws -> String {
        var bytes: [UInt8] = []
        while true {
            let more = try piece(wanted: wanted)
            guard !more.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
            bytes += more
        }
    }

    /// Waits until a descriptor that does not wait by itself has something to read.
    static func waitForMore(_ descriptor: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&entry, 1, -1)
    }
}

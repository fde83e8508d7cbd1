/// Cuts bytes into lines.
package struct LineSplitter: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    package init() {}

    /// Takes bytes as they came.
    package mutating func take(_ more: [UInt8]) {
        bytes.removeFirst(start)
        start = 0
        bytes += more
    }

    /// The next whole line, without its end; nil where there is none yet.
    package mutating func next() -> String? {
        guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { start = end + 1 }
        return Self.text(bytes[start..<end])
    }

    /// What is left at the end of the input; nil for nothing.
    package mutating func rest() -> String? {
        defer { clear() }
        return start < bytes.count ? Self.text(bytes[start...]) : nil
    }

    /// Forgets what is left.
    package mutating func clear() {
        bytes = []
        start = 0
    }

    private static func text(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
    }
}

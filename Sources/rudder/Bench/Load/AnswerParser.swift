/// Takes one HTTP/1.1 answer apart as it arrives: its status, the fields that matter here, and the bytes of its body.
package struct AnswerParser {
    private enum State {
        case head
        case body(remaining: Int)
        case untilClose
        case chunkSize
        case chunk(remaining: Int)
        /// The line end after a chunk's data.
        case chunkEnd
        case trailers
        case complete
    }

    /// The status, once the head has arrived.
    package private(set) var status: Int?
    /// Whether the connection can be used again, once the answer is complete.
    package private(set) var keepsAlive = true
    /// After how many seconds to try again; nil where the server does not say, or names a date.
    package private(set) var retryAfter: Int?
    private var state = State.head
    /// The line that has begun to arrive, without its end.
    private var line: [UInt8] = []
    private var isChunked = false
    private var length: Int?
    private var headBytes = 0

    private static let maximumHead = 64 << 10

    package init() {}

    /// Whether the answer has arrived whole.
    package var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    /// Whether the end of the connection is the end of the answer.
    package var endsWithConnection: Bool {
        if case .untilClose = state { true } else { false }
    }

    /// Takes what arrived.
    ///
    /// - Parameters:
    ///   - bytes: what the socket gave.
    ///   - body: called with the bytes of the body in order, where the status is 200.
    package mutating func take(
        _ bytes: UnsafeRawBufferPointer,
        body: (UnsafeRawBufferPointer) throws(LoadFailure) -> Void
    ) throws(LoadFailure) {
        var position = 0
        while position < bytes.count {
            switch state {
            case .head, .chunkSize, .chunkEnd, .trailers:
                guard let end = takeLine(bytes, from: &position) else { continue }
                try lineEnded(end)
            case .body(let remaining), .chunk(let remaining):
                let count = min(remaining, bytes.count - position)
                if status == 200 { try body(UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])) }
                position += count
                advance(remaining - count)
            case .untilClose:
                if status == 200 { try body(UnsafeRawBufferPointer(rebasing: bytes[position...])) }
                position = bytes.count
            case .complete:
                throw .malformed("bytes after the answer")
            }
        }
    }

    private mutating func advance(_ remaining: Int) {
        if case .body = state {
            state = remaining == 0 ? .complete : .body(remaining: remaining)
        } else {
            state = remaining == 0 ? .chunkEnd : .chunk(remaining: remaining)
        }
    }

    /// Collects a line; returns it once its end has come.
    private mutating func takeLine(_ bytes: UnsafeRawBufferPointer, from position: inout Int) -> [UInt8]? {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\n") {
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                defer { line.removeAll(keepingCapacity: true) }
                return line
            }
            line.append(byte)
        }
        return nil
    }

    private mutating func lineEnded(_ line: [UInt8]) throws(LoadFailure) {
        switch state {
        case .head:
            headBytes += line.count
            guard headBytes <= Self.maximumHead else { throw .malformed("the header is too long") }
            if status == nil { try startLine(line) } else if line.isEmpty { headEnded() } else { field(line) }
        case .chunkSize:
            let digits = line.prefix { $0 != UInt8(ascii: ";") }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else {
                throw .malformed("a chunk's size is no number")
            }
            state = size == 0 ? .trailers : .chunk(remaining: size)
        case .chunkEnd:
            guard line.isEmpty else { throw .malformed("a chunk is longer than its size") }
            state = .chunkSize
        default:
            if line.isEmpty { state = .complete }
        }
    }

    private mutating func startLine(_ line: [UInt8]) throws(LoadFailure) {
        let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let code = Int(words[1]), (100...599).contains(code) else {
            throw .malformed("the first line is no status line")
        }
        keepsAlive = words[0] == "HTTP/1.1"
        status = code
    }

    private mutating func field(_ line: [UInt8]) {
        let parts = String(decoding: line, as: UTF8.self).split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return }
        let value = parts[1].drop { $0 == " " }.lowercased()
        switch parts[0].lowercased() {
        case "transfer-encoding": isChunked = value.hasSuffix("chunked")
        case "content-length": length = Int(value)
        case "connection": if value.contains("close") { keepsAlive = false }
        case "retry-after": retryAfter = Int(value)
        default: break
        }
    }

    private mutating func headEnded() {
        // An interim answer, such as 100, comes before the real one.
        if let status, status < 200 {
            self = AnswerParser()
        } else if isChunked {
            state = .chunkSize
        } else if let length, length >= 0 {
            state = length == 0 ? .complete : .body(remaining: length)
        } else {
            state = .untilClose
            keepsAlive = false
        }
    }
}

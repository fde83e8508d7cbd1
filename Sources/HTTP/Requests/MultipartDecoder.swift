/// Takes a form (multipart/form-data, RFC 7578) apart while it arrives. Keeps no more than what may still be part of a boundary, or of a header.
package struct MultipartDecoder {
    private enum State {
        /// Before the first boundary.
        case preamble
        /// Behind a boundary, before it is known whether it is the last.
        case boundary
        case header
        case content
        case end
    }

    /// The longest header of a part, in bytes.
    private static let headerBytes = 8 << 10

    private let delimiter: [UInt8]
    private var state = State.preamble
    private var buffer: [UInt8]
    private var start = 0

    /// - Parameter contentType: The request's.
    package init(contentType: String?) throws(MultipartError) {
        guard let contentType, ASCIIText.hasPrefix(contentType, "multipart/form-data") else { throw .notMultipart }
        guard let parameters = FieldParameters.parse(contentType), ASCIIText.isEqual(parameters.word, "multipart/form-data"),
            let boundary = parameters.values["boundary"], (1...70).contains(boundary.utf8.count), boundary.utf8.last != 0x20,
            boundary.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw .badBoundary }
        delimiter = Array("\r\n--\(boundary)".utf8)
        // The first boundary may stand at the very beginning.
        buffer = [0x0D, 0x0A]
    }

    /// Whether the last boundary was there. What follows it means nothing.
    package var hasEnded: Bool { state == .end }

    /// Takes more of the body.
    package mutating func append(_ bytes: [UInt8]) {
        if start > 0 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        if state != .end { buffer += bytes }
    }

    /// What comes next; nil where more of the body is needed, or the form has ended.
    package mutating func next() throws(MultipartError) -> MultipartEvent? {
        while true {
            switch state {
            case .preamble:
                let (_, isWhole) = takeUntilDelimiter()
                guard isWhole else { return nil }
                state = .boundary
            case .boundary:
                guard try takeBoundaryEnd() else { return nil }
            case .header:
                guard let part = try takeHeader() else { return nil }
                state = .content
                return .part(part)
            case .content:
                let (content, isWhole) = takeUntilDelimiter()
                if isWhole { state = .boundary }
                if !content.isEmpty { return .content(content) }
                guard isWhole else { return nil }
            case .end:
                return nil
            }
        }
    }

    /// What stands before the next delimiter, which is taken as well where it is whole; otherwise what cannot be part of it.
    private mutating func takeUntilDelimiter() -> (content: [UInt8], isWhole: Bool) {
        var position = start
        while let candidate = buffer[position...].firstIndex(of: 0x0D) {
            let rest = buffer[candidate...].prefix(delimiter.count)
            if delimiter.starts(with: rest) {
                let isWhole = rest.count == delimiter.count
                let content = Array(buffer[start..<candidate])
                start = isWhole ? candidate + delimiter.count : candidate
                return (content, isWhole)
            }
            position = candidate + 1
        }
        let content = Array(buffer[start...])
        start = buffer.count
        return (content, false)
    }

    /// What follows a delimiter: `--` after the last, else the line's end, before which white space may stand.
    private mutating func takeBoundaryEnd() throws(MultipartError) -> Bool {
        if buffer[start...].starts(with: Array("--".utf8)) {
            state = .end
            start = buffer.count
            return true
        }
        if buffer.count - start == 1, buffer[start] == UInt8(ascii: "-") { return false }
        var position = start
        while position < buffer.count, buffer[position] == 0x20 || buffer[position] == 0x09 { position += 1 }
        guard position - start <= Self.headerBytes else { throw .badPart("its boundary's line is too long") }
        guard buffer.count - position >= 2 else { return false }
        guard buffer[position] == 0x0D, buffer[position + 1] == 0x0A else { throw .badPart("its boundary's line goes on") }
        start = position + 2
        state = .header
        return true
    }

    private mutating func takeHeader() throws(MultipartError) -> MultipartPart? {
        var part: MultipartPart?
        var position = start
        while true {
            guard let end = buffer[position...].firstIndex(of: 0x0A), end - start <= Self.headerBytes else {
                guard buffer.count - start <= Self.headerBytes else {
                    throw .badPart("its header is longer than \(Self.headerBytes) bytes")
                }
                return nil
            }
            guard end > position, buffer[end - 1] == 0x0D else { throw .badPart("a line of its header ends without a carriage return") }
            guard let line = String(validating: buffer[position..<(end - 1)], as: UTF8.self) else {
                throw .badPart("its header is not valid UTF-8")
            }
            position = end + 1
            if line.isEmpty { break }
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { throw .badPart("a line of its header has no colon") }
            guard ASCIIText.isEqual(line[..<colon], "Content-Disposition") else { continue }
            guard part == nil, let found = ContentDisposition.part(String(line[line.index(after: colon)...])) else {
                throw .badPart("its Content-Disposition is not 'form-data; name=\"…\"'")
            }
            part = found
        }
        guard let part else { throw .badPart("it has no Content-Disposition") }
        start = position
        return part
    }
}

import HTTPTypes

/// Parses an answer as it arrives, up to its end and no further (RFC 9112, section 6.3).
struct ResponseDecoder {
    private enum State {
        /// In the header, of the answer or of an interim one before it.
        case head
        /// In a body that has so many bytes to come.
        case length(Int)
        case chunked(ChunkedDecoder)
        /// In a body that the connection's end ends.
        case toEnd
        case whole
    }

    private static let maximumLines = 1000

    private let isHead: Bool
    private let maximumBytes: Int
    private var state = State.head
    /// What arrived and was not used up when the last piece had been looked at.
    private var pending: [UInt8] = []
    /// How much of that is used up by now.
    private var position = 0
    /// How much of the line at the position is known to hold no line's end.
    private var scanned = 0
    /// How many bytes the answer has so far, what is pending left out.
    private var used = 0
    private var status: HTTPResponse.Status?
    private var fields = HTTPFields()
    private var body: [UInt8] = []

    /// Makes a decoder for one answer.
    ///
    /// - Parameters:
    ///   - isHead: whether the request was HEAD, whose answer has no body.
    ///   - maximumBytes: the longest answer that is taken.
    init(isHead: Bool, maximumBytes: Int) {
        (self.isHead, self.maximumBytes) = (isHead, maximumBytes)
    }

    /// Whether the answer has ended, so that nothing more need be read.
    var isWhole: Bool {
        if case .whole = state { true } else { false }
    }

    /// Whether anything of an answer has arrived.
    var hasBegun: Bool { used > 0 || !pending.isEmpty }

    /// Takes what arrived next. What follows the answer's end is dropped.
    mutating func append(_ piece: [UInt8]) throws(HTTPClientError) {
        pending += piece
        while try advance() {}
        used += position
        pending.removeFirst(position)
        position = 0
        guard used + (isWhole ? 0 : pending.count) <= maximumBytes else { throw tooLong }
    }

    /// The answer, once it is whole or the connection has ended.
    func response() throws(HTTPClientError) -> HTTPClientResponse {
        switch state {
        case .length, .chunked: throw .badResponse("its body is cut short")
        case .toEnd, .whole:
            if let status { return HTTPClientResponse(status: status, fields: fields, body: body) }
            fallthrough
        case .head: throw .badResponse("its header does not end")
        }
    }

    private var tooLong: HTTPClientError { .badResponse("it is longer than \(maximumBytes) bytes") }

    /// Looks at what is pending.
    ///
    /// - Returns: whether there may be more in it.
    private mutating func advance() throws(HTTPClientError) -> Bool {
        switch state {
        case .head: return try takeLine()
        case .length(let remaining):
            let end = min(position + remaining, pending.count)
            body += pending[position..<end]
            state = remaining == end - position ? .whole : .length(remaining - (end - position))
            position = end
            return false
        case .chunked(var decoder):
            let (event, count) = decoder.next(pending[position...])
            state = .chunked(decoder)
            position += count
            switch event {
            case .data(let range): body += pending[range]
            case .incomplete: return false
            case .end: state = .whole
            case .malformed(let reason): throw .badResponse(reason)
            }
            return true
        case .toEnd:
            body += pending[position...]
            position = pending.count
            return false
        case .whole: return false
        }
    }

    private mutating func takeLine() throws(HTTPClientError) -> Bool {
        guard let end = pending[(position + scanned)...].firstIndex(of: 0x0a) else {
            scanned = pending.count - position
            return false
        }
        var line = pending[position..<end]
        if line.last == 0x0d { line.removeLast() }
        (position, scanned) = (end + 1, 0)
        guard let status else {
            status = try Self.status(line)
            return true
        }
        guard line.isEmpty else {
            guard fields.count < Self.maximumLines else { throw .badResponse("its header has more than \(Self.maximumLines) lines") }
            fields.append(try Self.field(line))
            return true
        }
        let length = try Self.length(fields)
        if (100..<200).contains(status.code) {
            // An interim answer, such as 100: the real one follows.
            (self.status, fields) = (nil, HTTPFields())
        } else {
            state = isHead || status.code == 204 || status.code == 304 ? .whole : try Self.framing(fields, length: length)
        }
        if case .length(let length) = state, length > maximumBytes - used - position { throw tooLong }
        return true
    }

    /// `HTTP/1.x SP status`, then perhaps words.
    private static func status(_ line: ArraySlice<UInt8>) throws(HTTPClientError) -> HTTPResponse.Status {
        let words = line.split(separator: 0x20, maxSplits: 2)
        guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8), words[1].count == 3, let code = number(words[1]),
            (100...599).contains(code)
        else {
            throw .badResponse("its first line is no status line")
        }
        return HTTPResponse.Status(code: code)
    }

    /// `name: value`, the value without the white space around it.
    private static func field(_ line: ArraySlice<UInt8>) throws(HTTPClientError) -> HTTPField {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
            let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self))
        else {
            throw .badResponse("a header line is none")
        }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value.removeFirst() }
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        return HTTPField(name: name, lenientValue: value)
    }

    /// What Content-Length says; nil where there is none.
    private static func length(_ fields: HTTPFields) throws(HTTPClientError) -> Int? {
        let values = fields[values: .contentLength]
        guard let value = values.first else { return nil }
        guard values.count == 1 else { throw .badResponse("it has several Content-Length headers") }
        guard let length = number(Array(value.utf8)[...]) else { throw .badResponse("its Content-Length is not a whole number") }
        return length
    }

    /// How the body's end is found.
    private static func framing(_ fields: HTTPFields, length: Int?) throws(HTTPClientError) -> State {
        let codings = fields[values: .transferEncoding].flatMap(ASCIIText.members)
        guard codings.contains(where: { ASCIIText.isEqual($0, "chunked") }) else { return length.map(State.length) ?? .toEnd }
        guard codings.count == 1 else { throw .badResponse("its Transfer-Encoding is more than chunked") }
        return .chunked(ChunkedDecoder())
    }

    /// Decimal digits and nothing else.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

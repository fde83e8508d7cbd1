import HTTPTypes

/// A request's body, read as it is asked for: the pieces in which it arrives, its transfer encoding undone. Read once.
public struct RequestBody: AsyncSequence, Sendable {
    let reader: BodyReader
    let contentType: String?
    private let encoding: String?
    private let defaultLimit: Int

    init(_ reader: BodyReader, fields: HTTPFields, defaultLimit: Int) {
        self.reader = reader
        self.defaultLimit = defaultLimit
        contentType = fields[.contentType]
        encoding = fields[.contentEncoding]
    }

    /// Reads the pieces, as they were packed.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let reader: BodyReader

        /// The next piece; nil after the last.
        ///
        /// - Throws: ``RequestBodyError``
        public mutating func next() async throws -> [UInt8]? {
            try await reader.next(limit: .max)
        }
    }

    /// Starts reading.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(reader: reader)
    }

    /// The whole body, unpacked if it is gzip. A body that announces more than the limit is refused before any of it is read.
    ///
    /// - Parameters:
    ///   - limit: the most bytes as sent; nil for the server's default.
    ///   - unpackedLimit: the most bytes as unpacked; nil for the same.
    /// - Throws: ``RequestBodyError``
    public func collect(upTo limit: Int? = nil, unpackedUpTo unpackedLimit: Int? = nil) async throws(RequestBodyError) -> [UInt8] {
        let limit = limit ?? defaultLimit
        let inflater = try inflater(limit: unpackedLimit ?? limit)
        var bytes: [UInt8] = []
        if let length = reader.announcedLength, length <= limit { bytes.reserveCapacity(inflater == nil ? length : 0) }
        while let piece = try await reader.next(limit: limit) {
            if let inflater { try inflater.append(piece) } else { bytes += piece }
        }
        return try inflater?.finish() ?? bytes
    }

    /// The body line by line, unpacked if it is gzip, of any length: what is not read yet stays with the client.
    ///
    /// A client that waits to be told to send its body is told so when the first line is asked for, which must be before the answer begins.
    ///
    /// - Parameter maximumLength: the most bytes of a line.
    /// - Throws: ``RequestBodyError/unsupportedEncoding(_:)``
    public func lines(maximumLength: Int) throws(RequestBodyError) -> BodyLines {
        BodyLines(reader, inflater: try inflater(limit: .max), maximumLength: maximumLength)
    }

    /// What unpacks the body; nil where it is not packed.
    func inflater(limit: Int) throws(RequestBodyError) -> Inflater? {
        let encoding = encoding ?? ""
        if ASCIIText.isEqual(encoding, "gzip") || ASCIIText.isEqual(encoding, "x-gzip") { return try Inflater(limit: limit) }
        guard encoding.isEmpty || ASCIIText.isEqual(encoding, "identity") else {
            throw .unsupportedEncoding(String(decoding: encoding.utf8.prefix(64), as: UTF8.self))
        }
        return nil
    }
}

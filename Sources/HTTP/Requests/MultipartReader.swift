/// A request's body as the parts of a form, read as they are asked for: no more than a piece of the body is kept. For one reader.
public actor MultipartReader {
    private let reader: BodyReader
    private let inflater: Inflater?
    private let limit: Int
    private var decoder: MultipartDecoder
    /// What was received and not unpacked yet.
    private var packed: ArraySlice<UInt8> = []
    /// How many bytes were unpacked.
    private var unpacked = 0

    /// So much is unpacked at once: gzip makes a thousand times as much of it at most.
    private static let packedSlice = 4 << 10

    init(_ reader: BodyReader, inflater: Inflater?, contentType: String?, limit: Int) throws(MultipartError) {
        self.reader = reader
        self.inflater = inflater
        self.limit = limit
        decoder = try MultipartDecoder(contentType: contentType)
    }

    /// What comes next; nil at the form's end, when all of the body was read.
    ///
    /// - Throws: ``MultipartError`` or ``RequestBodyError``
    public func next() async throws -> MultipartEvent? {
        while true {
            if let event = try decoder.next() { return event }
            guard let bytes = try await piece() else {
                guard decoder.hasEnded else { throw MultipartError.unfinished }
                return nil
            }
            decoder.append(bytes)
            // What was unpacked may be of no part, again and again, and others wait for the thread.
            if Task.isCancelled { throw RequestBodyError.disconnected }
            await Task.yield()
        }
    }

    private func piece() async throws(RequestBodyError) -> [UInt8]? {
        guard let inflater else { return try await reader.next(limit: limit) }
        if packed.isEmpty {
            guard let piece = try await reader.next(limit: limit) else {
                _ = try inflater.finish()
                return nil
            }
            packed = piece[...]
        }
        try inflater.append(Array(packed.prefix(Self.packedSlice)))
        packed = packed.dropFirst(Self.packedSlice)
        let output = inflater.takeOutput()
        unpacked += output.count
        guard unpacked <= limit else { throw .tooLarge(limit: limit) }
        return output
    }
}

extension RequestBody {
    /// The body as a form (multipart/form-data), unpacked if it is gzip: what is not read yet stays with the client.
    ///
    /// - Parameter limit: the most bytes as sent, and as unpacked.
    /// - Throws: ``MultipartError`` or ``RequestBodyError``
    public func multipart(limit: Int) throws -> MultipartReader {
        try MultipartReader(reader, inflater: try inflater(limit: .max), contentType: contentType, limit: limit)
    }
}

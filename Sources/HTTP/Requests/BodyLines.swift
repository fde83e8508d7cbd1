/// The lines of a request's body, read as they are asked for, however many there are: no more than one line and one piece of the body is kept.
///
/// A line ends with a line feed, before which a carriage return may stand, or with the body. Lines of white space only are passed over. For one
/// reader.
public actor BodyLines {
    private let reader: BodyReader
    private let inflater: Inflater?
    private let maximumLength: Int
    /// What was received and not unpacked yet.
    private var packed: ArraySlice<UInt8> = []
    /// What was unpacked and is no line yet; from `start` on.
    private var buffer: [UInt8] = []
    private var start = 0
    /// Up to where there is no line feed.
    private var searched = 0
    private var number = 0
    /// Whether the rest of a line that is too long is being passed over.
    private var isSkipping = false
    private var hasEnded = false

    /// So much is unpacked at once: gzip makes a thousand times as much of it at most.
    private static let packedSlice = 4 << 10

    init(_ reader: BodyReader, inflater: Inflater?, maximumLength: Int) {
        self.reader = reader
        self.inflater = inflater
        self.maximumLength = maximumLength
    }

    /// Says whether the client may take any time to send the next line, as where it waits for what became of earlier ones; it may not at first. Holds
    /// also for a line that is being waited for.
    public nonisolated func setPatience(_ isPatient: Bool) {
        reader.setPatience(isPatient)
    }

    /// The next line that is not empty; nil after the last.
    ///
    /// - Throws: ``RequestBodyError``
    public func next() async throws(RequestBodyError) -> BodyLine? {
        while true {
            if let line = takeLine() { return line }
            guard !hasEnded else { return nil }
            guard try await fill() else {
                hasEnded = true
                continue
            }
            // What was unpacked may have no line in it, again and again, and others wait for the thread.
            if Task.isCancelled { throw .disconnected }
            await Task.yield()
        }
    }

    /// Whether there is white space only in a part of the buffer, which is no line then.
    private func isBlank(_ part: Range<Int>) -> Bool {
        part.count <= maximumLength && part.allSatisfy { buffer[$0] == 0x20 || buffer[$0] == 0x09 || buffer[$0] == 0x0D }
    }

    /// The line that is whole in the buffer, or that the body's end made whole.
    private func takeLine() -> BodyLine? {
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                let bytes = start..<end
                (start, searched) = (end + 1, end + 1)
                number += 1
                guard !isSkipping else {
                    isSkipping = false
                    continue
                }
                guard !isBlank(bytes) else { continue }
                return line(buffer[bytes])
            }
            searched = buffer.count
            if buffer.count - start > maximumLength, !isSkipping {
                // Told at once; what is left of it follows.
                isSkipping = true
                drop()
                return BodyLine(number: number + 1, bytes: nil)
            }
            if isSkipping { drop() }
            guard hasEnded, start < buffer.count else { return nil }
            number += 1
            guard !isBlank(start..<buffer.count) else {
                drop()
                return nil
            }
            let bytes = buffer[start...]
            drop()
            return line(bytes)
        }
    }

    private func line(_ bytes: ArraySlice<UInt8>) -> BodyLine {
        guard bytes.count <= maximumLength else { return BodyLine(number: number, bytes: nil) }
        return BodyLine(number: number, bytes: Array(bytes.last == 0x0D ? bytes.dropLast() : bytes))
    }

    private func drop() {
        buffer.removeAll(keepingCapacity: true)
        (start, searched) = (0, 0)
    }

    /// Gets more of the body; false at its end.
    private func fill() async throws(RequestBodyError) -> Bool {
        if start > 0 {
            buffer.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        guard let inflater else {
            guard let piece = try await reader.next(limit: .max) else { return false }
            buffer += piece
            return true
        }
        if packed.isEmpty {
            guard let piece = try await reader.next(limit: .max) else {
                _ = try inflater.finish()
                return false
            }
            packed = piece[...]
        }
        try inflater.append(Array(packed.prefix(Self.packedSlice)))
        packed = packed.dropFirst(Self.packedSlice)
        buffer += inflater.takeOutput()
        return true
    }
}

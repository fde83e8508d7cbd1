/// Writes the body of a streamed response.
public struct ResponseWriter: Sendable {
    private let output: ConnectionOutput
    private let isChunked: Bool

    init(_ output: ConnectionOutput, isChunked: Bool) {
        self.output = output
        self.isChunked = isChunked
    }

    /// Sends bytes at once, as one chunk. Suspends while the client is slow and much waits for it.
    ///
    /// - Throws: ``ResponseWriterError/disconnected``
    public func write(_ bytes: [UInt8]) async throws(ResponseWriterError) {
        guard !bytes.isEmpty else { return }
        try await output.write(isChunked ? ResponseEncoder.chunk(bytes) : bytes)
    }
}

/// Writes the body of a streamed response, until the closure that was given it returns.
public struct ResponseWriter: Sendable {
    private let output: ConnectionOutput
    private let isChunked: Bool
    private let response: Int

    init(_ output: ConnectionOutput, isChunked: Bool, response: Int) {
        self.output = output
        self.isChunked = isChunked
        self.response = response
    }

    /// Sends bytes at once, as one chunk. Suspends while the client is slow and much waits for it.
    ///
    /// - Throws: ``ResponseWriterError/disconnected``, also once the response has ended.
    public func write(_ bytes: [UInt8]) async throws(ResponseWriterError) {
        guard !bytes.isEmpty else { return }
        try await output.write(isChunked ? ResponseEncoder.chunk(bytes) : bytes, response: response, bodyBytes: bytes.count)
    }
}

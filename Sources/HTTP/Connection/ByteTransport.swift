/// A non-blocking stream of bytes: a socket now; one with TLS in between fits as well.
protocol ByteTransport: Sendable {
    /// Reads what is there.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportResult

    /// Writes what fits.
    func write(_ bytes: UnsafeRawBufferPointer) -> TransportResult

    /// Tells the peer that nothing follows.
    func shutdownWriting()
}

/// What a read or write did.
enum TransportResult: Equatable {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Nothing now; the descriptor tells when.
    case wouldBlock
    /// The peer sends nothing more.
    case end
    /// The connection is broken; the system's error number.
    case failed(Int32)
}

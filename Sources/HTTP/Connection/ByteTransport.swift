/// A non-blocking stream of bytes: a socket now; one with TLS in between fits as well.
protocol ByteTransport: Sendable {
    /// Reads what is there.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportResult

    /// Reads what was received already and not read yet: no readiness of the descriptor tells of it.
    func readBuffered(into buffer: UnsafeMutableRawBufferPointer) -> TransportResult

    /// Writes what fits.
    func write(_ bytes: UnsafeRawBufferPointer) -> TransportResult

    /// Tells the peer that nothing follows.
    func shutdownWriting()

    /// The subject of the peer's certificate, which was verified; nil where it gave none.
    var clientSubject: String? { get }
}

extension ByteTransport {
    /// A socket knows nobody.
    var clientSubject: String? { nil }

    /// A socket keeps nothing.
    func readBuffered(into buffer: UnsafeMutableRawBufferPointer) -> TransportResult {
        .wouldBlock
    }
}

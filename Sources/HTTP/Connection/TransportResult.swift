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

import Synchronization

/// The certificate and key that new connections get. They can be read anew; connections keep those they began with.
final class TLSServerIdentity: Sendable {
    private let state: Mutex<TLSServerContext>

    /// - Throws: ``TLSError``
    init(_ settings: TLSServerSettings) throws(TLSError) {
        state = Mutex(try TLSServerContext(settings))
    }

    /// What new connections get.
    var context: TLSServerContext {
        state.withLock { $0 }
    }

    /// Reads the files anew. Where they cannot be used, all stays as it was.
    ///
    /// - Throws: ``TLSError``
    func replace(_ settings: TLSServerSettings) throws(TLSError) {
        let context = try TLSServerContext(settings)
        state.withLock { $0 = context }
    }
}

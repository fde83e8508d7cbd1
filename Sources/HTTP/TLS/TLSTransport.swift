import COpenSSL
import Synchronization

/// A server's side of TLS between a connection and its socket.
///
/// OpenSSL only transforms bytes, between two buffers in memory; the socket's calls stay ours, so no signal is raised where the peer is gone.
final class TLSTransport: ByteTransport {
    private struct State {
        /// What OpenSSL wants sent and the socket did not take; from `start` on.
        var unsent: [UInt8] = []
        var start = 0
        /// How many bytes of the last write are encrypted but not all sent. They count as written once they are.
        var encrypted = 0
        /// How many bytes came beyond what those that were for whoever reads can take.
        var idleBytes = 0
        var isBroken = false
    }

    private let socket: SocketTransport
    /// Keeps what the connection was made of.
    private let context: TLSServerContext
    /// Used under the lock alone, as are its two buffers, which it owns.
    private nonisolated(unsafe) let connection: OpaquePointer
    private nonisolated(unsafe) let incoming: OpaquePointer
    private nonisolated(unsafe) let outgoing: OpaquePointer
    private let state = Mutex(State())

    private static let pieceBytes = 16 << 10
    /// A peer that makes the server answer, and reads none of it, is cut off.
    private static let mostUnsent = 256 << 10
    /// A peer that sends more than this that is not for whoever reads, such as new keys over and over, is cut off: each record of a few bytes costs
    /// many times the work that it costs the peer, and others wait meanwhile. A handshake, and the largest record, are far smaller.
    private static let mostIdleBytes = 128 << 10
    /// What one byte for whoever reads can take: one in a record of its own, which adds 22 to 29.
    private static let mostBytesPerByte = 64

    /// Waits for the client to begin.
    ///
    /// - Throws: ``TLSError/system(reason:)`` where there is no memory.
    init(_ socket: SocketTransport, context: TLSServerContext) throws(TLSError) {
        ERR_clear_error()
        guard let connection = SSL_new(context.pointer) else { throw .system(reason: TLSServerContext.reason()) }
        guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            SSL_free(connection)
            throw .system(reason: TLSServerContext.reason())
        }
        SSL_set_bio(connection, incoming, outgoing)
        SSL_set_accept_state(connection)
        (self.socket, self.context) = (socket, context)
        (self.connection, self.incoming, self.outgoing) = (connection, incoming, outgoing)
    }

    deinit {
        SSL_free(connection)
    }

    /// The subject of the client's certificate, which one of the configured authorities has signed; nil where there is none.
    var clientSubject: String? {
        state.withLock { _ in
            guard context.asksForCertificate, SSL_is_init_finished(connection) == 1, SSL_get_verify_result(connection) == Int(X509_V_OK),
                let certificate = SSL_get0_peer_certificate(connection),
                let text = X509_NAME_oneline(X509_get_subject_name(certificate), nil, 0)
            else { return nil }
            defer { CRYPTO_free(text, #file, #line) }
            return String(cString: text)
        }
    }

    // MARK: Reading

    func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportResult {
        state.withLock { state in
            while true {
                let result = decrypt(into: buffer, &state)
                // What it answers by itself: a handshake, an alert, new keys.
                if case .failed(let code) = flush(&state) { return .failed(code) }
                guard result == .wouldBlock else { return result }
                switch receive(&state) {
                case .bytes(let count):
                    state.idleBytes += count
                    guard state.idleBytes <= Self.mostIdleBytes else {
                        state.isBroken = true
                        return .failed(EPROTO)
                    }
                case let other: return other
                }
            }
        }
    }

    func readBuffered(into buffer: UnsafeMutableRawBufferPointer) -> TransportResult {
        state.withLock { state in
            let result = decrypt(into: buffer, &state)
            if case .failed(let code) = flush(&state) { return .failed(code) }
            return result
        }
    }

    /// Reads what is decrypted, or can be of what has arrived.
    private func decrypt(into buffer: UnsafeMutableRawBufferPointer, _ state: inout State) -> TransportResult {
        guard !state.isBroken else { return .failed(EPROTO) }
        ERR_clear_error()
        var count = 0
        let status = SSL_read_ex(connection, buffer.baseAddress, buffer.count, &count)
        guard status == 1 else { return outcome(status, &state) }
        state.idleBytes = max(0, state.idleBytes - count * Self.mostBytesPerByte)
        return .bytes(count)
    }

    /// Takes in what the socket has.
    private func receive(_ state: inout State) -> TransportResult {
        withUnsafeTemporaryAllocation(byteCount: Self.pieceBytes, alignment: 1) { piece in
            let result = socket.read(into: piece)
            guard case .bytes(let count) = result else { return result }
            guard BIO_write(incoming, piece.baseAddress, Int32(count)) == Int32(count) else {
                state.isBroken = true
                return .failed(ENOMEM)
            }
            return result
        }
    }

    // MARK: Writing

    func write(_ bytes: UnsafeRawBufferPointer) -> TransportResult {
        state.withLock { state in
            // An answer to a client that has not shaken hands would be read by nobody.
            guard !state.isBroken, SSL_is_init_finished(connection) == 1 else { return .failed(EPROTO) }
            switch flush(&state) {
            case .bytes: break
            case let other: return other
            }
            if state.encrypted > 0 {
                defer { state.encrypted = 0 }
                return .bytes(state.encrypted)
            }
            ERR_clear_error()
            var count = 0
            let status = SSL_write_ex(connection, bytes.baseAddress, min(bytes.count, Self.pieceBytes), &count)
            guard status == 1 else { return outcome(status, &state) }
            switch flush(&state) {
            case .bytes: return .bytes(count)
            case .wouldBlock:
                state.encrypted = count
                return .wouldBlock
            case let other: return other
            }
        }
    }

    func shutdownWriting() {
        state.withLock { state in
            if !state.isBroken, SSL_is_init_finished(connection) == 1 {
                ERR_clear_error()
                // The peer's own is not waited for.
                SSL_shutdown(connection)
                _ = flush(&state)
            }
            socket.shutdownWriting()
        }
    }

    /// Sends what OpenSSL wants sent.
    ///
    /// - Returns: `bytes` where all of it is sent, else why it is not.
    private func flush(_ state: inout State) -> TransportResult {
        while true {
            while state.start < state.unsent.count {
                let result = state.unsent[state.start...].withUnsafeBytes { socket.write($0) }
                guard case .bytes(let count) = result else {
                    return BIO_ctrl_pending(outgoing) > Self.mostUnsent ? .failed(EPROTO) : result
                }
                state.start += count
            }
            state.unsent.removeAll(keepingCapacity: true)
            state.start = 0
            guard take(&state) else { return .bytes(0) }
        }
    }

    /// Takes a piece from OpenSSL; false where there is none.
    private func take(_ state: inout State) -> Bool {
        let waiting = Int(BIO_ctrl_pending(outgoing))
        guard waiting > 0 else { return false }
        state.unsent = [UInt8](unsafeUninitializedCapacity: waiting) { space, count in
            count = max(0, Int(BIO_read(outgoing, space.baseAddress, Int32(clamping: waiting))))
        }
        return !state.unsent.isEmpty
    }

    /// What a call of OpenSSL's that did not succeed means.
    private func outcome(_ status: Int32, _ state: inout State) -> TransportResult {
        switch SSL_get_error(connection, status) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
        case SSL_ERROR_ZERO_RETURN: return .end
        default:
            state.isBroken = true
            return .failed(EPROTO)
        }
    }
}

import COpenSSL

/// A server's certificate and key, read, with the versions and ciphers that it speaks: TLS 1.2 with forward secrecy and authenticated encryption,
/// and TLS 1.3 (RFC 9325).
final class TLSServerContext: Sendable {
    /// Not changed once it is made; OpenSSL locks what connections share.
    nonisolated(unsafe) let pointer: OpaquePointer
    /// Whether clients are asked for a certificate.
    let asksForCertificate: Bool

    /// Of TLS 1.2, what browsers of the last ten years have.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"

    /// Reads the files.
    ///
    /// - Throws: ``TLSError``
    init(_ settings: TLSServerSettings) throws(TLSError) {
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(TLS_server_method()) else { throw .system(reason: Self.reason()) }
        self.pointer = pointer
        asksForCertificate = settings.clientAuthorities != nil
        rudder_ssl_ctx_harden(pointer)
        rudder_ssl_ctx_offer_http11(pointer)
        rudder_ssl_ctx_ask_nobody(pointer)
        guard rudder_ssl_ctx_require_tls12(pointer) == 1, SSL_CTX_set_cipher_list(pointer, Self.ciphers) == 1 else {
            throw .system(reason: Self.reason())
        }
        guard SSL_CTX_use_certificate_chain_file(pointer, settings.certificate) == 1 else {
            throw .unusable(what: "certificate", path: settings.certificate, reason: Self.reason())
        }
        guard SSL_CTX_use_PrivateKey_file(pointer, settings.key, SSL_FILETYPE_PEM) == 1 else {
            let reason = Self.reason()
            if reason.contains("mismatch") { throw .mismatch(certificate: settings.certificate, key: settings.key) }
            throw .unusable(what: "key", path: settings.key, reason: reason)
        }
        guard SSL_CTX_check_private_key(pointer) == 1 else { throw .mismatch(certificate: settings.certificate, key: settings.key) }
        if let authorities = settings.clientAuthorities { try ask(for: authorities) }
    }

    deinit {
        SSL_CTX_free(pointer)
    }

    /// Asks clients for certificates of some authorities. One without is served, too; one whose certificate is of others is refused.
    private func ask(for authorities: String) throws(TLSError) {
        guard SSL_CTX_load_verify_locations(pointer, authorities, nil) == 1, let names = SSL_load_client_CA_file(authorities) else {
            throw .unusable(what: "client authorities", path: authorities, reason: Self.reason())
        }
        // Taken over by the context.
        SSL_CTX_set_client_CA_list(pointer, names)
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        let name: [UInt8] = Array("rudder".utf8)
        guard SSL_CTX_set_session_id_context(pointer, name, UInt32(name.count)) == 1 else { throw .system(reason: Self.reason()) }
    }

    /// Seconds until the certificate is no longer valid; negative where it is not.
    var secondsLeft: Int {
        rudder_ssl_ctx_seconds_left(pointer)
    }

    /// What OpenSSL says went wrong first.
    static func reason() -> String {
        let code = ERR_get_error()
        defer { ERR_clear_error() }
        guard code != 0 else { return "OpenSSL has no memory" }
        // Of a file that cannot be opened the system's reason is told.
        let system = Int32(truncatingIfNeeded: code & 0x7FFF_FFFF)
        if code & 0x8000_0000 != 0, let text = strerror(system) { return String(cString: text) }
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? "OpenSSL's error \(code)"
    }
}

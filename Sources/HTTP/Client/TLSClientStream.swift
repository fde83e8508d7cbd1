import COpenSSL
import Foundation

/// TLS 1.2 or 1.3 over a socket: the server's certificate is verified, its name too, unless that is not wanted.
///
/// OpenSSL only transforms bytes here, between two buffers in memory; the socket's calls stay ours, with their limit, and no signal is raised
/// where the other side is gone.
final class TLSClientStream: ClientStream {
    private let socket: BlockingSocket
    private let context: OpaquePointer
    private let connection: OpaquePointer
    /// What came from the server, for OpenSSL to read. Owned by the connection, as is the other one.
    private let incoming: OpaquePointer
    /// What OpenSSL wants sent.
    private let outgoing: OpaquePointer

    /// Shakes hands.
    ///
    /// - Parameters:
    ///   - socket: a connection to the server.
    ///   - host: the name, or the address, that its certificate must be for.
    ///   - certificateAuthorities: a file of trusted certificates; nil for the system's.
    ///   - verifies: whether the certificate must be trusted, and for that host.
    init(_ socket: BlockingSocket, host: String, certificateAuthorities: String?, verifies: Bool = true) throws(HTTPClientError) {
        self.socket = socket
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw Self.failure(socket) }
        guard let connection = SSL_new(context), let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            SSL_CTX_free(context)
            throw Self.failure(socket)
        }
        (self.context, self.connection, self.incoming, self.outgoing) = (context, connection, incoming, outgoing)
        SSL_set_bio(connection, incoming, outgoing)
        try configure(host: host, certificateAuthorities: certificateAuthorities, verifies: verifies)
        try complete { SSL_do_handshake(connection) }
    }

    deinit {
        SSL_free(connection)
        SSL_CTX_free(context)
    }

    private func configure(host: String, certificateAuthorities: String?, verifies: Bool) throws(HTTPClientError) {
        // The connection took the context's settings when it was made, so its own are set.
        let trusted =
            certificateAuthorities.map { SSL_CTX_load_verify_locations(context, $0, nil) } ?? SSL_CTX_set_default_verify_paths(context)
        guard trusted == 1 else {
            throw .tls(
                address: socket.address,
                reason: "the trusted certificates in \(certificateAuthorities ?? "the system's files") cannot be read"
            )
        }
        SSL_set_verify(connection, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
        let isAddress = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host) == 1
        let protocols: [UInt8] = [8] + Array("http/1.1".utf8)
        guard isAddress || (SSL_set1_host(connection, host) == 1 && rudder_ssl_set_server_name(connection, host) == 1),
            rudder_ssl_require_tls12(connection) == 1,
            SSL_set_alpn_protos(connection, protocols, UInt32(protocols.count)) == 0
        else { throw Self.failure(socket) }
        SSL_set_connect_state(connection)
    }

    func send(_ bytes: [UInt8]) -> HTTPClientError? {
        do throws(HTTPClientError) {
            var sent = 0
            while sent < bytes.count {
                let piece = Array(bytes[sent..<min(sent + 16_384, bytes.count)])
                sent += Int(try complete { SSL_write(connection, piece, Int32(piece.count)) })
            }
            return nil
        } catch {
            return error
        }
    }

    func receive() throws(HTTPClientError) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = try complete { SSL_read(connection, &buffer, Int32(buffer.count)) }
        return count > 0 ? Array(buffer[..<Int(count)]) : nil
    }

    /// Does a step of OpenSSL's until it has what it needs, moving bytes between its buffers and the socket.
    ///
    /// - Returns: what the step returned; 0 where the server has ended the connection in good order.
    @discardableResult
    private func complete(_ step: () -> Int32) throws(HTTPClientError) -> Int32 {
        while true {
            ERR_clear_error()
            let status = step()
            let outcome = status > 0 ? SSL_ERROR_NONE : SSL_get_error(connection, status)
            let reason = outcome == SSL_ERROR_SSL ? Self.reason(connection) : nil
            // An alert that tells the server what went wrong is worth sending, too.
            try flush()
            switch outcome {
            case SSL_ERROR_NONE: return status
            case SSL_ERROR_ZERO_RETURN: return 0
            case SSL_ERROR_WANT_READ:
                guard let bytes = try socket.receive() else {
                    throw .tls(address: socket.address, reason: "the server closed the connection in the middle")
                }
                guard BIO_write(incoming, bytes, Int32(bytes.count)) == Int32(bytes.count) else { throw Self.failure(socket) }
            case SSL_ERROR_WANT_WRITE: continue
            default: throw .tls(address: socket.address, reason: reason ?? "the connection broke")
            }
        }
    }

    /// Sends what OpenSSL has for the server.
    private func flush() throws(HTTPClientError) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = BIO_read(outgoing, &buffer, Int32(buffer.count))
            guard count > 0 else { return }
            if let failure = socket.send(Array(buffer[..<Int(count)])) { throw failure }
        }
    }

    private static func failure(_ socket: BlockingSocket) -> HTTPClientError {
        .tls(address: socket.address, reason: reason(nil) ?? "OpenSSL has no memory")
    }

    /// What OpenSSL says went wrong: about the certificate, where it was that.
    private static func reason(_ connection: OpaquePointer?) -> String? {
        if let connection {
            let verified = SSL_get_verify_result(connection)
            if verified != Int(X509_V_OK), let text = X509_verify_cert_error_string(verified) {
                return "the server's certificate is not trusted: \(String(cString: text))"
            }
        }
        let code = ERR_get_error()
        guard code != 0, let text = ERR_reason_error_string(code) else { return nil }
        return String(cString: text)
    }
}

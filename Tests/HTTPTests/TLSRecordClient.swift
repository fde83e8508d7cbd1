import COpenSSL
import Foundation

/// A client of TLS 1.3 whose records a test chooses. The server's certificate is not looked at.
final class TLSRecordClient {
    private let socket: RawClient
    private let context: OpaquePointer
    private let connection: OpaquePointer
    /// Owned by the connection, both.
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// Connects, and shakes hands.
    init(port: Int) throws {
        socket = try RawClient(port: port)
        guard let context = SSL_CTX_new(TLS_client_method()), let connection = SSL_new(context), let incoming = BIO_new(BIO_s_mem()),
            let outgoing = BIO_new(BIO_s_mem())
        else { throw CocoaError(.featureUnsupported) }
        (self.context, self.connection, self.incoming, self.outgoing) = (context, connection, incoming, outgoing)
        SSL_set_bio(connection, incoming, outgoing)
        SSL_set_connect_state(connection)
        while SSL_do_handshake(connection) != 1 {
            socket.send(taken())
            try receive()
        }
        socket.send(taken())
    }

    deinit {
        SSL_free(connection)
        SSL_CTX_free(context)
    }

    /// Records that say no more than that new keys follow (RFC 8446, section 4.6.3).
    func keyUpdates(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<count {
            SSL_key_update(connection, SSL_KEY_UPDATE_NOT_REQUESTED)
            SSL_do_handshake(connection)
            bytes += taken()
        }
        return bytes
    }

    /// A record that carries a text.
    func record(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        SSL_write(connection, bytes, Int32(bytes.count))
        return taken()
    }

    /// Sends records; false where the server takes no more.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        socket.send(bytes) == bytes.count
    }

    /// What the server sends until it ends the connection, decrypted.
    func readToEnd() -> String {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = SSL_read(connection, &buffer, Int32(buffer.count))
            if count > 0 { text += buffer[..<Int(count)] } else if (try? receive()) == nil { break }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func receive() throws {
        guard let bytes = socket.readSome() else { throw CocoaError(.fileReadUnknown) }
        BIO_write(incoming, bytes, Int32(bytes.count))
    }

    /// What OpenSSL wants sent.
    private func taken() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while case let count = BIO_read(outgoing, &buffer, Int32(buffer.count)), count > 0 { bytes += buffer[..<Int(count)] }
        return bytes
    }
}

import Foundation
import HTTPTypes

/// A small HTTP/1.1 client: one request on a connection of its own, the answer read whole. For commands, not for throughput.
public struct HTTPClient: Sendable {
    /// How long an exchange may take in all: to connect and shake hands, to send, and to receive. It must be above zero. Only the search for
    /// the host's address is the system's own and may take longer.
    public var timeout: Duration
    /// The longest answer that is read, header and all. A longer one is an error.
    public var maximumBytes: Int
    /// For https: a file of trusted certificates (PEM) in place of the system's, which OpenSSL looks for where `SSL_CERT_FILE` and `SSL_CERT_DIR` say,
    /// if they are set.
    public var certificateAuthorities: String?
    /// For https: whether the server's certificate must be trusted, and be its own. False only where what is sent is no secret, and nothing rests on who
    /// answers.
    public var verifiesServer = true

    /// Makes a client.
    public init(timeout: Duration = .seconds(60), maximumBytes: Int = 512 << 20) {
        self.timeout = timeout
        self.maximumBytes = maximumBytes
    }

    /// Sends a request and waits for the answer, without blocking the caller's thread. Cancelling the task ends the exchange.
    ///
    /// - Throws: ``HTTPClientError``
    public func send(
        _ method: HTTPRequest.Method,
        _ url: String,
        fields: HTTPFields = [:],
        body: [UInt8]? = nil
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        guard let components = URLComponents(string: url), let scheme = components.scheme, ["http", "https"].contains(scheme),
            let host = components.host, !host.isEmpty
        else {
            throw .badURL(url)
        }
        let port = components.port ?? (scheme == "https" ? 443 : 80)
        var path = components.percentEncodedPath.isEmpty ? "/" : components.percentEncodedPath
        if let query = components.percentEncodedQuery { path += "?\(query)" }
        var head = "\(method.rawValue) \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\n"
        for field in fields { head += "\(field.name.rawName): \(field.value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        let message = Array((head + "\r\n").utf8) + (body ?? [])
        let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        let address = "\(name):\(port)"
        guard timeout > .zero else { throw .timeout(address: address, seconds: timeout / .seconds(1)) }
        let cancellation = try CancellationSignal(address: address)
        let limit = ExchangeLimit(address: address, timeout: timeout, cancellation: cancellation)
        let outcome: Result<HTTPClientResponse, HTTPClientError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A thread of its own: Dispatch has few, and sockets' readiness waits for them. It alone resumes, also when it is
                // told to stop.
                Thread.detachNewThread {
                    continuation.resume(
                        returning: exchange(message, host: name, port: port, isSecure: scheme == "https", method: method, limit: limit)
                    )
                }
            }
        } onCancel: {
            cancellation.raise()
        }
        return try outcome.get()
    }

    private func exchange(
        _ message: [UInt8],
        host: String,
        port: Int,
        isSecure: Bool,
        method: HTTPRequest.Method,
        limit: ExchangeLimit
    ) -> Result<HTTPClientResponse, HTTPClientError> {
        do throws(HTTPClientError) {
            let socket = try BlockingSocket(host: host, port: port, limit: limit)
            let stream: any ClientStream =
                isSecure
                ? try TLSClientStream(socket, host: host, certificateAuthorities: certificateAuthorities, verifies: verifiesServer) : socket
            // A server may answer and close before it has read everything: its answer counts, not the failure to send.
            let sendFailure = stream.send(message)
            var decoder = ResponseDecoder(isHead: method == .head, maximumBytes: maximumBytes)
            while !decoder.isWhole, let piece = try stream.receive() { try decoder.append(piece) }
            if !decoder.hasBegun, let sendFailure { throw sendFailure }
            return .success(try decoder.response())
        } catch {
            return .failure(error)
        }
    }
}

import Foundation
import HTTP
import TestSupport
import Testing

@Suite(
    "rudder serve with a certificate",
    .enabled(if: RudderProcess.path != nil, "needs the built program"),
    .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"),
    .enabled(if: OpenSSLProgram.isAvailable, "needs the program openssl")
)
struct ServeTLSTests {
    private let folder: TemporaryDirectory
    private let certificates: TestCertificates
    private let model: String

    init() throws {
        folder = try TemporaryDirectory()
        certificates = try TestCertificates()
        model = try #require(TestServer.tinyModel)
    }

    private func serve(_ environment: [String: String]) throws -> RudderProcess {
        try RudderProcess(["serve", "--model", "tiny=\(model)", "--port", "0"], environment: environment, folder: folder.url)
    }

    private var client: HTTPClient {
        var client = HTTPClient(timeout: .seconds(20))
        client.certificateAuthorities = certificates.authority
        return client
    }

    private func request(_ port: Int, _ path: String, _ certificate: (file: String, key: String)? = nil) async throws -> String {
        var arguments = ["s_client", "-connect", "localhost:\(port)", "-CAfile", certificates.authority, "-verify_return_error"]
        if let certificate { arguments += ["-cert", certificate.file, "-key", certificate.key] }
        return try await OpenSSLProgram.run(
            arguments,
            input: "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            delay: .seconds(2)
        ).text
    }

    /// For how many days, by the metrics, the certificate is still valid.
    private func daysLeft(_ port: Int) async throws -> Int? {
        let answer = try await client.send(.get, "https://localhost:\(port)/metrics")
        let name = "rudder_tls_certificate_end_time_seconds "
        let line = String(decoding: answer.body, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name) }
        guard let end = line.flatMap({ Double($0.dropFirst(name.count)) }) else { return nil }
        return Int(((end - Date().timeIntervalSince1970) / 86_400).rounded())
    }

    @Test("answers and streams come over TLS, and SIGHUP takes a renewed certificate while a stream runs")
    func renewal() async throws {
        let (file, key) = (folder.url.appendingPathComponent("cert.pem"), folder.url.appendingPathComponent("key.pem"))
        func install(_ certificate: (file: String, key: String)) throws {
            try Data(contentsOf: URL(fileURLWithPath: certificate.file)).write(to: file, options: .atomic)
            try Data(contentsOf: URL(fileURLWithPath: certificate.key)).write(to: key, options: .atomic)
        }
        try install(try certificates.sign("first"))
        let server = try serve(["RUDDER_TLS_CERTIFICATE": file.path, "RUDDER_TLS_KEY": key.path])
        let port = try await server.port(scheme: "https")
        let url = "https://localhost:\(port)/v1/completions"
        let short = #"{"model": "tiny", "prompt": "x", "max_tokens": 4, "ignore_eos": true}"#
        let whole = try await client.send(.post, url, body: Array(short.utf8))
        #expect(whole.status == .ok && String(decoding: whole.body, as: UTF8.self).contains("\"completion_tokens\":4"))

        let long = #"{"model": "tiny", "prompt": "x", "max_tokens": 1900, "ignore_eos": true, "stream": true}"#
        async let stream = client.send(.post, url, body: Array(long.utf8))
        #expect(try await request(port, "/health").contains("CN = first"))
        #expect(try await daysLeft(port) == 2)
        try install(try certificates.sign("second", days: 30))
        server.send(SIGHUP)
        try await server.wait(for: "the certificate") { server.errorText.contains("read again") }
        #expect(try await request(port, "/health").contains("CN = second"))
        #expect(try await daysLeft(port) == 30)
        #expect(String(decoding: try await stream.body, as: UTF8.self).hasSuffix("data: [DONE]\n\n"))

        try Data("none".utf8).write(to: file)
        server.send(SIGHUP)
        try await server.wait(for: "the refusal") { server.errorText.contains("stays as it was") }
        #expect(try await request(port, "/health").contains("CN = second"))
        server.send(SIGTERM)
        #expect(try await server.status() == 0)
    }

    @Test("the admin API can ask for a client certificate, where the rest does not")
    func administrators() async throws {
        let server = try serve([
            "RUDDER_TLS_CERTIFICATE": certificates.server.file, "RUDDER_TLS_KEY": certificates.server.key,
            "RUDDER_TLS_CLIENT_AUTHORITIES": certificates.authority, "RUDDER_ADMIN_CLIENT_CERTIFICATE": "true",
        ])
        let port = try await server.port(scheme: "https")
        #expect(try await request(port, "/v1/heads").contains("HTTP/1.1 200"))
        #expect(try await request(port, "/admin/v1/heads").contains("HTTP/1.1 403"))
        #expect(try await request(port, "/admin/v1/heads", try certificates.sign("operator")).contains("HTTP/1.1 200"))
    }

    @Test("a certificate that cannot be used ends the start with a sentence that names its key")
    func unusable() async throws {
        let server = try serve(["RUDDER_TLS_CERTIFICATE": "/none.pem", "RUDDER_TLS_KEY": "/none.key"])
        #expect(try await server.status() == 1)
        #expect(server.errorText.contains("'/none.pem'") && server.errorText.contains("tls.certificate"))
    }
}

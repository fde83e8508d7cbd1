import Foundation
import HTTP
import ModelFiles

/// Who may use the server, and over what.
package struct AccessSettings: Sendable, Equatable {
    /// The API keys; nil: anybody may use `/v1`.
    package var keys: [APIKey]?
    /// Whether the server may listen where other machines reach it although no keys are asked for.
    package var isOpen = false
    /// The origins whose pages may use the server.
    package var origins: [String] = []
    /// What is kept of the admin API's tokens; empty, and no client certificate asked for: it answers on loopback only.
    package var adminTokens: [SecretHash] = []
    /// Whether the admin API asks for a client certificate.
    package var adminAsksForCertificate = false
    /// The server's certificate and key; nil: no TLS.
    package var tls: TLSServerSettings?
    /// What the operator should hear of.
    package var warnings: [String] = []

    package init() {}

    /// Reads the settings, and the files that they name.
    package init(reader: ConfigurationReader) throws(ConfigurationError) {
        typealias Schema = ConfigurationSchema
        if let path = try reader.value(Schema.keysFile).nonEmpty { keys = try KeyFile.read(path: path) }
        isOpen = try reader.value(Schema.openAccess)
        origins = try reader.value(Schema.origins)
        if origins.contains("*"), keys == nil {
            warnings.append(
                "\(Schema.origins.name) permits every site, and no API keys are asked for: any page that somebody on this machine opens can use the server"
            )
        }
        tls = try Self.tls(reader)
        adminAsksForCertificate = try reader.value(Schema.adminCertificate)
        if adminAsksForCertificate, tls?.clientAuthorities == nil {
            throw .missing(
                name: Schema.clientAuthorities.name,
                why: "'\(Schema.adminCertificate.name)' asks for certificates that somebody signed"
            )
        }
        for (token, key) in try Self.adminTokens(reader) {
            if token.utf8.count < SecretHash.shortest {
                warnings.append(
                    "\(key.name) holds a token of fewer than \(SecretHash.shortest) bytes: `rudder keys hash --generate` makes a better one"
                )
            }
            adminTokens.append(try Self.hash(token, key, reader))
        }
    }

    /// Refuses to be reached by other machines without API keys, unless that is what the operator wants.
    func checkReach(host: String) throws(ConfigurationError) {
        // A name that begins like an address is none.
        var bytes = in6_addr()
        let isAddress = [AF_INET, AF_INET6].contains { inet_pton($0, host, &bytes) == 1 }
        let isLocal = host.lowercased() == "localhost" || (isAddress && SocketAddress(host: host, port: 0).isLoopback)
        guard keys == nil, !isOpen, !isLocal else { return }
        throw .missing(
            name: ConfigurationSchema.keysFile.name,
            why: "other machines may reach '\(host)', and without API keys anybody there could use the server; "
                + "`rudder keys new` makes keys, and \(ConfigurationSchema.openAccess.name): true does without"
        )
    }

    /// Refuses to take the place of settings that asked for keys, tokens or client certificates where these ask for none: a line that is lost must not
    /// let everybody in.
    func checkReplaces(_ before: AccessSettings) throws(ConfigurationError) {
        if before.keys != nil, keys == nil, !isOpen {
            throw .missing(
                name: ConfigurationSchema.keysFile.name,
                why: "the server asks for API keys; \(ConfigurationSchema.openAccess.name): true, or a restart, does without"
            )
        }
        if !before.adminTokens.isEmpty, adminTokens.isEmpty {
            throw .missing(name: ConfigurationSchema.adminToken.name, why: "the admin API asks for a token; a restart does without")
        }
        if before.adminAsksForCertificate, !adminAsksForCertificate {
            throw .missing(
                name: ConfigurationSchema.adminCertificate.name,
                why: "the admin API asks for a client certificate; a restart does without"
            )
        }
    }

    /// The files of the certificate; nil where none are named. They are not read.
    static func tls(_ reader: ConfigurationReader) throws(ConfigurationError) -> TLSServerSettings? {
        typealias Schema = ConfigurationSchema
        let certificate = try reader.value(Schema.certificate).nonEmpty
        let key = try reader.value(Schema.certificateKey).nonEmpty
        let authorities = try reader.value(Schema.clientAuthorities).nonEmpty
        if let certificate, let key { return TLSServerSettings(certificate: certificate, key: key, clientAuthorities: authorities) }
        if certificate != nil { throw .missing(name: Schema.certificateKey.name, why: "a certificate needs its key") }
        if key != nil { throw .missing(name: Schema.certificate.name, why: "a key needs its certificate") }
        if authorities != nil { throw .missing(name: Schema.certificate.name, why: "client certificates need TLS") }
        return nil
    }

    /// The token itself, or those that the file holds. The stronger source wins; set twice by one source, they conflict.
    private static func adminTokens(_ reader: ConfigurationReader) throws(ConfigurationError) -> [(String, ConfigurationKey<String>)] {
        typealias Schema = ConfigurationSchema
        let token = try reader.value(Schema.adminToken).nonEmpty.map { [($0, Schema.adminToken)] } ?? []
        guard let path = try reader.value(Schema.adminTokenFile).nonEmpty else { return token }
        if !token.isEmpty {
            let tokenRank = reader.source(of: Schema.adminToken).rank
            let fileRank = reader.source(of: Schema.adminTokenFile).rank
            guard tokenRank != fileRank else {
                throw .conflict(names: [Schema.adminToken.name, Schema.adminTokenFile.name], why: "only one of them can be set")
            }
            if tokenRank > fileRank { return token }
        }
        let content = try? String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
        let lines = (content ?? "").split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        let tokens = lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard !tokens.isEmpty else {
            throw .badValue(
                name: Schema.adminTokenFile.name,
                value: path,
                source: "\(reader.source(of: Schema.adminTokenFile))",
                expectation: "the path of a readable file that holds the token, or several on lines of their own"
            )
        }
        return tokens.map { ($0, Schema.adminTokenFile) }
    }

    /// What is kept of a token that was configured, itself or as its hash.
    private static func hash(_ token: String, _ key: ConfigurationKey<String>, _ reader: ConfigurationReader) throws(ConfigurationError)
        -> SecretHash
    {
        let hash = SecretHash.isNamed(in: token) ? SecretHash(parsing: token) : try? SecretHash(of: token)
        guard let hash else {
            throw .badValue(
                name: key.name,
                value: nil,
                source: "\(reader.source(of: key))",
                expectation: "a token, or its hash as `rudder keys hash` writes it"
            )
        }
        return hash
    }
}

import HTTP
import HTTPTypes

/// Decides who may use the admin API.
///
/// With client certificates asked for, a request needs one; with tokens configured, it needs one of them as its bearer. With neither the API
/// answers only where nobody but this machine's own users can ask: the listener is loopback, `Host` names this machine (so that no page of
/// another site can, by a name that resolves to 127.0.0.1), and no proxy forwarded the request.
package struct AdminGuard: Sendable {
    private let tokens: [SecretHash]
    private let asksForCertificate: Bool

    /// - Parameters:
    ///   - tokens: What is kept of the configured tokens; empty for none.
    ///   - asksForCertificate: Whether a client must have proved who it is by a certificate.
    package init(tokens: [SecretHash], asksForCertificate: Bool = false) {
        self.tokens = tokens
        self.asksForCertificate = asksForCertificate
    }

    /// What the configuration says.
    package init(_ settings: AccessSettings) {
        self.init(tokens: settings.adminTokens, asksForCertificate: settings.adminAsksForCertificate)
    }

    /// Refuses a request that may not use the admin API.
    ///
    /// - Parameters:
    ///   - request: The request's head.
    ///   - isLoopback: Whether the server listens on a loopback address.
    ///   - certificate: The subject of the client's certificate; nil where it has none.
    package func check(_ request: HTTPRequest, isLoopback: Bool, certificate: String? = nil) throws(APIError) {
        if asksForCertificate, certificate == nil {
            throw .forbidden("The admin API asks for a client certificate of the configured authorities (tls.client_authorities).")
        }
        guard !tokens.isEmpty else {
            if asksForCertificate { return }
            return try checkLocal(request, isLoopback: isLoopback)
        }
        guard request.headerFields[.authorization] != nil else {
            throw .unauthorized("The admin API needs the header 'Authorization: Bearer TOKEN'.", code: "missing_token")
        }
        // All are compared, so that the time tells nothing of which it is.
        guard let given = BearerToken.of(request), tokens.count(where: { $0.matches(given) }) > 0 else {
            throw .unauthorized("The token is not the admin API's.", code: "invalid_token")
        }
    }

    private func checkLocal(_ request: HTTPRequest, isLoopback: Bool) throws(APIError) {
        guard isLoopback else {
            throw .forbidden("Without a configured token (admin.token) the admin API answers only where the server listens on loopback.")
        }
        guard let authority = request.authority, Self.isLocal(authority) else {
            throw .forbidden("Without a configured token the admin API answers only to the hosts localhost, 127.0.0.1 and [::1].")
        }
        // A page of another site, which was permitted to use the server, is still none of this machine's users.
        if let origin = request.headerFields[.origin], !OriginPolicy.isOwn(origin, request) {
            throw .forbidden("Without a configured token the admin API does not answer pages of other sites.")
        }
        if OriginPolicy.isForeignByBrowser(request) == true {
            throw .forbidden("Without a configured token the admin API does not answer pages of other sites.")
        }
        let wasForwarded = request.headerFields.contains { field in
            ["forwarded", "via", "x-real-ip"].contains(field.name.canonicalName) || field.name.canonicalName.hasPrefix("x-forwarded-")
        }
        guard !wasForwarded else {
            throw .forbidden("Without a configured token the admin API does not answer forwarded requests.")
        }
    }

    /// Whether an authority, such as `localhost:8080`, names this machine.
    private static func isLocal(_ authority: String) -> Bool {
        var host = authority.lowercased()
        if let colon = host.lastIndex(of: ":"), host[host.index(after: colon)...].allSatisfy(\.isNumber), !host.hasSuffix("]") {
            let name = host[..<colon]
            // Not within a bare IPv6 address, which is no authority.
            if name.hasSuffix("]") || !name.contains(":") { host = String(name) }
        }
        return ["localhost", "127.0.0.1", "[::1]"].contains(host)
    }
}

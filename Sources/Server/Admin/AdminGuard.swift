import HTTP
import HTTPTypes

/// Decides who may use the admin API.
///
/// With client certificates asked for, a request needs one; with a token configured, it needs that as its bearer. With neither the API
/// answers only where nobody but this machine's own users can ask: the listener is loopback, `Host` names this machine (so that no page of
/// another site can, by a name that resolves to 127.0.0.1), and no proxy forwarded the request.
package struct AdminGuard: Sendable {
    private let token: [UInt8]?
    private let asksForCertificate: Bool

    /// - Parameters:
    ///   - token: The configured token; nil for none.
    ///   - asksForCertificate: Whether a client must have proved who it is by a certificate.
    package init(token: String?, asksForCertificate: Bool = false) {
        self.token = token.map { Array($0.utf8) }
        self.asksForCertificate = asksForCertificate
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
        guard let token else {
            if asksForCertificate { return }
            return try checkLocal(request, isLoopback: isLoopback)
        }
        guard let authorization = request.headerFields[.authorization] else {
            throw .unauthorized("The admin API needs the header 'Authorization: Bearer TOKEN'.", code: "missing_token")
        }
        guard let given = Self.bearer(authorization), Self.areEqual(Array(given.utf8), token) else {
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
        let wasForwarded = request.headerFields.contains { field in
            field.name.canonicalName == "forwarded" || field.name.canonicalName.hasPrefix("x-forwarded-")
        }
        guard !wasForwarded else {
            throw .forbidden("Without a configured token the admin API does not answer forwarded requests.")
        }
    }

    /// The token of an Authorization field; the scheme's name is read in any case (RFC 9110 section 11.1).
    private static func bearer(_ authorization: String) -> String? {
        let parts = authorization.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].trimmingPrefix { $0 == " " }.description
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

    /// Compares a token with the configured one in a time that depends on the given token's length only.
    private static func areEqual(_ given: [UInt8], _ configured: [UInt8]) -> Bool {
        guard !configured.isEmpty else { return false }
        var difference = given.count ^ configured.count
        for (index, byte) in given.enumerated() {
            difference |= Int(byte ^ configured[index % configured.count])
        }
        return difference == 0
    }
}

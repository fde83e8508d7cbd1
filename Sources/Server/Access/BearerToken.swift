import HTTPTypes

/// The token of a request's `Authorization: Bearer TOKEN` (RFC 6750 section 2.1).
enum BearerToken {
    /// The token; nil where there is no such field, or its scheme is another. The scheme's name is read in any case (RFC 9110 section 11.1).
    static func of(_ request: HTTPRequest) -> String? {
        guard let field = request.headerFields[.authorization] else { return nil }
        let space = UInt8(ascii: " ")
        let parts = field.utf8.split(separator: space, maxSplits: 1)
        guard parts.count == 2, parts[0].count <= 6, String(Substring(parts[0])).lowercased() == "bearer" else { return nil }
        let token = String(Substring(parts[1].drop { $0 == space }))
        return token.isEmpty ? nil : token
    }
}

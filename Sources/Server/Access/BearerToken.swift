import HTTPTypes

/// The token of a request's `Authorization: Bearer TOKEN` (RFC 6750 section 2.1).
enum BearerToken {
    /// The token; nil where there is no such field, or its scheme is another. The scheme's name is read in any case (RFC 9110 section 11.1).
    static func of(_ request: HTTPRequest) -> String? {
        guard let field = request.headerFields[.authorization] else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].trimmingPrefix { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }
}

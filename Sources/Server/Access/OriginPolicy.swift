import HTTP
import HTTPTypes
import ModelFiles

/// What pages of other sites may do with this server (the Fetch standard, section 3.2, CORS).
///
/// Pages of the origins that are configured may use it as its own pages do. Those of others get no permission to read, and as browsers send some
/// requests without asking for permission (forms, `fetch` in the mode `no-cors`), requests of theirs that would make work are refused. One that carries
/// a bearer token passes: a browser adds that to no request of a page without permission, so it is no browser's or was permitted. What a browser adds by
/// itself, such as the password that a proxy asked for, is no such sign.
package struct OriginPolicy: Sendable {
    private let origins: [String]
    private let allowsAll: Bool

    /// - Parameter origins: Origins as browsers name them, `https://app.example.com`, in any case; `*` for all.
    package init(origins: [String]) {
        self.origins = origins.map { $0.lowercased() }
        allowsAll = origins.contains("*")
    }

    /// Reads a list of origins, separated by commas or spaces; nil where one is none.
    package static func origins(_ text: String) -> [String]? {
        let words = text.split { $0 == "," || $0 == " " }.map(String.init)
        return words.allSatisfy(isOrigin) ? words : nil
    }

    /// A scheme and an authority, without a path: RFC 6454 section 6.2.
    private static func isOrigin(_ text: String) -> Bool {
        if ["*", "null"].contains(text) { return true }
        guard let range = text.range(of: "://"), range.lowerBound > text.startIndex, range.upperBound < text.endIndex else { return false }
        let isPrintable = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isPrintable && !text[range.upperBound...].contains { "/?#@,\\".contains($0) }
    }

    /// Whether pages of an origin may use the server.
    package func permits(_ origin: String) -> Bool {
        allowsAll || origins.contains { $0.utf8.elementsEqual(origin.lowercased().utf8) }
    }

    /// Whether a request is one that a page of another site made a browser send, without permission, and that would make work.
    package func refuses(_ request: HTTPRequest) -> Bool {
        let fields = request.headerFields
        guard ![.get, .head, .options].contains(request.method), BearerToken.of(request) == nil else { return false }
        if let origin = fields[.origin], permits(origin) { return false }
        // Browsers tell it themselves, also behind a proxy that names another Host. Nobody else sends it.
        if let isForeign = Self.isForeignByBrowser(request) { return isForeign }
        guard let origin = fields[.origin] else { return false }
        return !Self.isOwn(origin, request)
    }

    /// Whether a browser says that a page of another site made it send the request; nil where it says nothing.
    static func isForeignByBrowser(_ request: HTTPRequest) -> Bool? {
        secFetchSite.flatMap { request.headerFields[$0] }.map { !["same-origin", "none"].contains($0.word) }
    }

    /// Whether an origin is the host that the request names, or that a proxy says it named.
    static func isOwn(_ origin: String, _ request: HTTPRequest) -> Bool {
        guard let range = origin.range(of: "://") else { return false }
        let authority = origin[range.upperBound...].lowercased()
        let forwarded = xForwardedHost.flatMap { request.headerFields[$0] }
        return [request.authority, forwarded].contains { $0?.lowercased().utf8.elementsEqual(authority.utf8) ?? false }
    }

    private static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")
    private static let xForwardedHost = HTTPField.Name("X-Forwarded-Host")
}

import HTTP
import HTTPTypes

/// The playground at `/`, the page about the server at `/server`, and the files that both load. Nothing is loaded from elsewhere.
package struct PlaygroundRoutes: RouteGroup {
    private let files: [PlaygroundFile]

    /// - Parameter isEnabled: Whether there is a playground; without one its paths do not exist.
    package init(isEnabled: Bool) throws {
        files = isEnabled ? try PlaygroundFile.all() : []
    }

    package var routes: [Route] {
        files.map { file in Route(.get, file.path) { request in Self.answer(request, with: file) } }
    }

    /// What a page may do: load from this server, talk to it, and nothing else. No inline script or style, no frame around it.
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:", "base-uri 'none'",
        "form-action 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    private static func answer(_ request: ServerRequest, with file: PlaygroundFile) -> ServerResponse {
        var fields: HTTPFields = [:]
        fields[.eTag] = file.tag
        // Kept by the browser, and asked for again every time: a new program shows its own pages at once.
        fields[.cacheControl] = "no-cache"
        fields[.contentSecurityPolicy] = policy
        fields[.xContentTypeOptions] = "nosniff"
        if let name = HTTPField.Name("Referrer-Policy") { fields[name] = "no-referrer" }
        if let known = request.head.headerFields[.ifNoneMatch], names(known, file.tag) {
            return ServerResponse(status: .notModified, fields: fields)
        }
        fields[.contentType] = file.contentType
        return ServerResponse(status: .ok, fields: fields, body: .bytes(file.bytes))
    }

    /// Whether the value of If-None-Match names a tag. A weak one counts (RFC 9110 section 13.1.2).
    private static func names(_ value: String, _ tag: String) -> Bool {
        let tag = Array(tag.utf8)
        return value.utf8.split(separator: UInt8(ascii: ",")).contains { entry in
            let space = UInt8(ascii: " ")
            var name = entry.drop { $0 == space }
            while name.last == space { name.removeLast() }
            if name.starts(with: "W/".utf8) { name = name.dropFirst(2) }
            return name.elementsEqual(tag) || name.elementsEqual("*".utf8)
        }
    }
}

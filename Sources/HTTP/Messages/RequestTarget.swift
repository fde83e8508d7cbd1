import HTTPTypes

/// The forms of a request's target (RFC 9112 section 3.2).
enum RequestTarget {
    /// The path with its query, and the authority.
    static func parse(
        _ target: ArraySlice<UInt8>,
        method: HTTPRequest.Method,
        host: String?
    ) throws(RequestHeadError) -> (path: String, authority: String?) {
        let text = String(decoding: target, as: UTF8.self)
        guard !target.contains(UInt8(ascii: "#")) else { throw .init("the target holds a fragment") }
        if target.first == UInt8(ascii: "/") { return (text, host) }
        if text == "*" {
            guard method == .options else { throw .init("the target * is for OPTIONS") }
            return (text, host)
        }
        for scheme in ["http://", "https://"] where text.lowercased().hasPrefix(scheme) {
            // The authority of an absolute target is the one that counts (section 3.2.2).
            let rest = text.dropFirst(scheme.count)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            let authority = String(rest[..<end])
            guard isAuthority(authority) else { throw .init("the target's host is not one") }
            let path = rest[end...]
            return (path.hasPrefix("/") ? String(path) : "/" + path, authority)
        }
        throw .init("the target is not a path")
    }

    /// Whether a text can be a host with an optional port; user names are refused.
    static func isAuthority(_ text: String) -> Bool {
        let allowed = "-._~!$&'()*+,;=%:[]".utf8
        return !text.isEmpty && text.utf8.count <= 300
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || allowed.contains(byte)
            }
    }
}

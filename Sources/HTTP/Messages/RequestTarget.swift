import HTTPTypes

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

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
        if method == .connect {
            // A host and a port, both of them (RFC 9110 section 9.3.6).
            guard isAuthority(text), target.contains(UInt8(ascii: ":")), target.last != UInt8(ascii: ":"), target.last != UInt8(ascii: "]")
            else {
                throw .init("the target of CONNECT is not a host and a port")
            }
            throw .init("no tunnels are opened here", status: .notImplemented)
        }
        if target.first == UInt8(ascii: "/") { return (text, host) }
        if text == "*" {
            guard method == .options else { throw .init("the target * is for OPTIONS") }
            return (text, host)
        }
        for scheme: StaticString in ["http://", "https://"] where ASCIIText.hasPrefix(text, scheme) {
            // The authority of an absolute target is the one that counts (section 3.2.2).
            let rest = text.dropFirst(scheme.utf8CodeUnitCount)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            let authority = String(rest[..<end])
            guard isAuthority(authority) else { throw .init("the target's host is not one") }
            let path = rest[end...]
            return (path.hasPrefix("/") ? String(path) : "/" + path, authority)
        }
        throw .init("the target is not a path")
    }

    /// Whether a text is a host with an optional port (RFC 3986 section 3.2.2): a name, an IPv4 address, or an IPv6 address in brackets. User
    /// names are refused.
    static func isAuthority(_ text: String) -> Bool {
        guard text.utf8.count <= 300 else { return false }
        let bytes = ArraySlice(text.utf8)
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")), isIPv6(bytes[1..<close]) else { return false }
            return isPort(bytes[(close + 1)...])
        }
        let end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        return isName(bytes[..<end]) && isPort(bytes[end...])
    }

    /// A colon and a port number, or nothing, or a colon alone (section 3.2.3).
    private static func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let colon = bytes.first else { return true }
        let digits = bytes.dropFirst()
        guard colon == UInt8(ascii: ":"), digits.count <= 5, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        return digits.reduce(0) { 10 * $0 + Int($1 - 0x30) } <= 65_535
    }

    /// Letters, digits, what else a name may hold, and percent-encoded bytes.
    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        let allowed = "-._~!$&'()*+,;=".utf8
        guard !bytes.isEmpty, PercentDecoding.decode(String(decoding: bytes, as: UTF8.self)) != nil else { return false }
        return bytes.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "%")
                || allowed.contains(byte)
        }
    }

    private static func isIPv6(_ bytes: ArraySlice<UInt8>) -> Bool {
        var address = in6_addr()
        return bytes.count < 46 && !bytes.contains(0) && inet_pton(AF_INET6, String(decoding: bytes, as: UTF8.self), &address) == 1
    }
}

import HTTPTypes

/// Parses request heads, strictly: whatever two parsers could read differently is refused (RFC 9112, sections 2 to 6 and 11.2).
package enum RequestHeadDecoder {
    /// What the bytes so far are.
    package enum Outcome {
        /// The head has not ended yet.
        case incomplete
        /// A head, and how many bytes it took.
        case head(RequestHead, used: Int)
        case refused(RequestHeadError)
    }

    /// Whether what was received begins with an empty line, and the bytes that it takes.
    static func skipEmptyLine(_ bytes: ArraySlice<UInt8>, isEnded: Bool) -> (Bool, used: Int) {
        bytes.starts(with: [0x0d, 0x0a]) ? (true, 2) : (false, 0)
    }

    /// Looks for a head at the start of what was received.
    package static func decode(_ bytes: ArraySlice<UInt8>, limit: Int) -> Outcome {
        var lines: [ArraySlice<UInt8>] = []
        var lineStart = bytes.startIndex
        var index = bytes.startIndex
        while index < bytes.endIndex {
            guard index - bytes.startIndex < limit else { return .refused(lines.isEmpty ? longLine(bytes, limit) : tooLarge(limit)) }
            switch bytes[index] {
            case 0x0a:
                guard index > lineStart, bytes[index - 1] == 0x0d else { return .refused(.init("a line ends without a carriage return")) }
                let line = bytes[lineStart..<index - 1]
                if line.contains(0x0d) { return .refused(.init("a carriage return stands alone")) }
                if line.isEmpty {
                    do throws(RequestHeadError) {
                        return .head(try parse(lines), used: index + 1 - bytes.startIndex)
                    } catch {
                        return .refused(error)
                    }
                }
                lines.append(line)
                guard lines.count <= 128 else {
                    return .refused(.init("more than 128 lines of header", status: .requestHeaderFieldsTooLarge))
                }
                lineStart = index + 1
            case 0x00: return .refused(.init("the header holds a NUL"))
            default: break
            }
            index += 1
        }
        return .incomplete
    }

    static func tooLarge(_ limit: Int) -> RequestHeadError {
        .init("the header is longer than \(limit) bytes", status: .requestHeaderFieldsTooLarge)
    }

    /// A request line that does not end within the limit (section 3).
    private static func longLine(_ bytes: ArraySlice<UInt8>, _ limit: Int) -> RequestHeadError {
        guard bytes.prefix(longestMethod + 1).contains(0x20) else { return longMethod }
        return .init("the target is longer than \(limit) bytes", status: .uriTooLong)
    }

    /// No method that anybody knows is that long.
    private static let longestMethod = 32
    private static let longMethod = RequestHeadError("the method is longer than \(longestMethod) bytes", status: .notImplemented)

    private static func parse(_ lines: [ArraySlice<UInt8>]) throws(RequestHeadError) -> RequestHead {
        guard let first = lines.first else { throw .init("the request line is empty") }
        let (method, target, minorVersion) = try requestLine(first)
        var fields = HTTPFields()
        for line in lines.dropFirst() { fields.append(try field(line)) }
        let framing = try framing(fields, minorVersion: minorVersion)
        let host = try host(fields, minorVersion: minorVersion)
        let (path, authority) = try RequestTarget.parse(target, method: method, host: host)
        let options = ConnectionOptions(fields)
        let expectation = fields[.expect]
        guard expectation.map({ ASCIIText.isEqual($0, "100-continue") }) ?? true else {
            throw .init("the expectation is not 100-continue", status: .expectationFailed)
        }
        return RequestHead(
            request: HTTPRequest(method: method, scheme: "http", authority: authority, path: path, headerFields: fields),
            minorVersion: minorVersion,
            framing: framing,
            keepsAlive: minorVersion == 1 ? !options.contains("close") : options.contains("keep-alive") && !options.contains("close"),
            expectsContinue: expectation != nil && minorVersion == 1
        )
    }

    /// `method SP request-target SP HTTP-version`, one space each.
    private static func requestLine(_ line: ArraySlice<UInt8>) throws(RequestHeadError) -> (HTTPRequest.Method, ArraySlice<UInt8>, Int) {
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else { throw .init("the request line is not 'method target version'") }
        guard let method = HTTPRequest.Method(String(decoding: parts[0], as: UTF8.self)) else { throw .init("the method is not a token") }
        guard parts[0].count <= longestMethod else { throw longMethod }
        guard parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .init("the target holds characters that must be percent-encoded")
        }
        let version = Array(parts[2])
        guard version.count == 8, version.starts(with: Array("HTTP/".utf8)), version[6] == UInt8(ascii: "."),
            (0x30...0x39).contains(version[5]), (0x30...0x39).contains(version[7])
        else { throw .init("the version is not HTTP/1.1 or HTTP/1.0") }
        guard version[5] == UInt8(ascii: "1") else {
            throw .init("only HTTP/1.1 and HTTP/1.0 are spoken here", status: .httpVersionNotSupported)
        }
        // A later minor version is understood as the latest known one (RFC 9110 section 2.5).
        return (method, parts[1], version[7] == 0x30 ? 0 : 1)
    }

    /// `name: value`, without white space before the colon and without folded lines.
    private static func field(_ line: ArraySlice<UInt8>) throws(RequestHeadError) -> HTTPField {
        guard line.first != 0x20, line.first != 0x09 else { throw .init("a header line is folded") }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .init("a header line has no colon") }
        guard let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self)) else {
            throw .init("a header's name is not a token")
        }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value.removeFirst() }
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        guard value.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }) else {
            throw .init("the header '\(name.rawName)' holds a control character")
        }
        return HTTPField(name: name, lenientValue: Array(value))
    }

    /// Two ways to delimit a body, or two lengths, are how requests are smuggled past a proxy: refused (section 6.3).
    private static func framing(_ fields: HTTPFields, minorVersion: Int) throws(RequestHeadError) -> BodyFraming {
        let lengths = fields[values: .contentLength]
        let encodings = fields[values: .transferEncoding]
        guard lengths.count <= 1 else { throw .init("there are several Content-Length headers") }
        if !encodings.isEmpty {
            guard lengths.isEmpty else { throw .init("there are both Content-Length and Transfer-Encoding") }
            guard minorVersion == 1 else { throw .init("HTTP/1.0 has no Transfer-Encoding") }
            guard encodings.count == 1 else { throw .init("there are several Transfer-Encoding headers") }
            let members = ASCIIText.members(of: encodings[0])
            guard let last = members.last, ASCIIText.isEqual(last, "chunked") else {
                throw .init("the last Transfer-Encoding is not chunked")
            }
            guard !members.dropLast().contains(where: { $0.isEmpty || ASCIIText.isEqual($0, "chunked") }) else {
                throw .init("Transfer-Encoding is not a list that ends in chunked")
            }
            guard members.count == 1 else { throw .init("the only Transfer-Encoding is chunked", status: .notImplemented) }
            return .chunked
        }
        guard let length = lengths.first else { return .none }
        guard !length.isEmpty, length.utf8.count <= 18, length.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(length)
        else {
            throw .init("Content-Length is not a whole number")
        }
        return count == 0 ? .none : .length(count)
    }

    private static func host(_ fields: HTTPFields, minorVersion: Int) throws(RequestHeadError) -> String? {
        // HTTPTypes has no name for Host: in HTTP/2 and later it is the authority.
        let hosts = fields.filter { $0.name.canonicalName == "host" }.map(\.value)
        guard hosts.count <= 1 else { throw .init("there are several Host headers") }
        guard let host = hosts.first else {
            guard minorVersion == 0 else { throw .init("the Host header is missing") }
            return nil
        }
        guard RequestTarget.isAuthority(host) || host.isEmpty else { throw .init("the Host header is not a host") }
        return host
    }
}

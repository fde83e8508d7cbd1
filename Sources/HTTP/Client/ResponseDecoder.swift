import HTTPTypes

/// Parses a whole answer.
enum ResponseDecoder {
    static func decode(_ bytes: [UInt8], isHead: Bool) throws(HTTPClientError) -> HTTPClientResponse {
        var rest = bytes[...]
        while true {
            let (status, fields, body) = try head(rest)
            // Interim answers, such as 100, come before the real one.
            if (100..<200).contains(status.code) {
                rest = body
                continue
            }
            return HTTPClientResponse(status: status, fields: fields, body: isHead ? [] : try content(body, fields))
        }
    }

    private static func head(_ bytes: ArraySlice<UInt8>) throws(HTTPClientError) -> (HTTPResponse.Status, HTTPFields, ArraySlice<UInt8>) {
        var lines: [String] = []
        var index = bytes.startIndex
        while true {
            guard let end = bytes[index...].firstIndex(of: 0x0a) else { throw .badResponse("its header does not end") }
            let line = String(decoding: bytes[index..<end].filter { $0 != 0x0d }, as: UTF8.self)
            index = end + 1
            if line.isEmpty { break }
            lines.append(line)
        }
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let code = Int(words[1]), (100...599).contains(code) else {
            throw .badResponse("its first line is no status line")
        }
        var fields = HTTPFields()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = HTTPField.Name(String(parts[0])) else { throw .badResponse("a header line is none") }
            fields.append(HTTPField(name: name, value: String(parts[1].drop { $0 == " " })))
        }
        return (HTTPResponse.Status(code: code), fields, bytes[index...])
    }

    private static func content(_ bytes: ArraySlice<UInt8>, _ fields: HTTPFields) throws(HTTPClientError) -> [UInt8] {
        guard fields[.transferEncoding]?.lowercased() == "chunked" else {
            guard let length = fields[.contentLength].flatMap({ Int($0) }) else { return Array(bytes) }
            guard bytes.count >= length, length >= 0 else { throw .badResponse("its body is cut short") }
            return Array(bytes.prefix(length))
        }
        var (decoder, rest, content) = (ChunkedDecoder(), bytes, [UInt8]())
        while true {
            let (event, used) = decoder.next(rest)
            if case .data(let range) = event { content += rest[range] }
            rest = rest.dropFirst(used)
            switch event {
            case .data: continue
            case .end: return content
            case .incomplete: throw .badResponse("its body is cut short")
            case .malformed(let reason): throw .badResponse(reason)
            }
        }
    }
}

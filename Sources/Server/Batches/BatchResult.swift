/// What became of a line: the answer that the request would have had by itself.
package struct BatchResult: Sendable {
    package let customID: String
    /// The result's own id, which tells the line.
    package let id: String
    /// The id by which the log knows it.
    package let requestID: String
    package let status: Int
    /// The answer's document.
    package let body: [UInt8]

    /// Which of a batch's files it goes to.
    var kind: BatchResultKind { status == 200 ? .output : .error }

    /// The line to write.
    package var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("id", id)
            writer.member("custom_id", customID)
            writer.name("response")
            writer.object { writer in
                writer.member("status_code", status)
                writer.member("request_id", requestID)
                writer.name("body")
                writer.document(body)
            }
            writer.name("error")
            writer.null()
        }
        writer.append("\n")
        return writer.bytes
    }

    // MARK: Ids

    /// The id of the result of a batch's line.
    ///
    /// - Parameter key: what the batch's id has of its own.
    static func id(key: String, line: Int) -> String {
        "batch_req_\(key)_\(line)"
    }

    /// The line that a stored result is of; nil where it is none of the batch's, or not whole.
    static func line(of bytes: [UInt8], key: String) -> Int? {
        guard case .string(let id)? = (try? JSONParser.parse(bytes, maximumDepth: 1024))?["id"] else { return nil }
        let prefix = "batch_req_\(key)_"
        return id.hasPrefix(prefix) ? Int(id.dropFirst(prefix.count)) : nil
    }
}

import ModelFiles

/// One line of a batch's input: a request under an id of the client's.
package struct BatchLine: Sendable {
    /// Which line it is, counted from 1.
    package let number: Int
    package let customID: String
    /// The request's body, an object.
    package let body: JSONObject

    /// The longest `custom_id`, in bytes.
    package static let idBytes = 512

    /// Reads a line.
    ///
    /// - Parameters:
    ///   - bytes: The line; nil where it is longer than `limit`.
    ///   - number: Which line it is.
    ///   - endpoint: What all of the batch's requests are for.
    ///   - limit: The most bytes of a line, for the error.
    package init(_ bytes: [UInt8]?, number: Int, endpoint: BatchEndpoint, limit: Int) throws(BatchProblem) {
        func problem(_ code: String, _ parameter: String?, _ message: String) -> BatchProblem {
            BatchProblem(code: code, message: message, parameter: parameter, line: number)
        }
        guard let bytes else { throw problem("line_too_long", nil, "The line is longer than \(limit) bytes.") }
        let document: JSONValue
        do throws(JSONParseError) { document = try JSONParser.parse(bytes) } catch {
            throw problem("invalid_json_line", nil, "The line is not the JSON this server reads: \(error).")
        }
        guard case .object = document else { throw problem("invalid_json_line", nil, "The line must be an object, not \(document.kind).") }
        func text(_ name: String) throws(BatchProblem) -> String {
            guard let value = document[name], value != .null else {
                throw problem("missing_required_parameter", name, "The line has no '\(name)'.")
            }
            guard case .string(let text) = value else {
                throw problem("invalid_type", name, "'\(name)' must be a string, not \(value.kind).")
            }
            return text
        }
        let customID = try text("custom_id")
        guard (1...Self.idBytes).contains(customID.utf8.count) else {
            throw problem("invalid_custom_id", "custom_id", "'custom_id' must have 1 to \(Self.idBytes) bytes.")
        }
        let method = try text("method")
        guard method.utf8.elementsEqual("POST".utf8) else {
            throw problem("invalid_method", "method", "'method' must be 'POST', not '\(method.word)'.")
        }
        let url = try text("url")
        guard url.utf8.elementsEqual(endpoint.rawValue.utf8) else {
            throw problem(
                "mismatched_url",
                "url",
                "'url' must be the batch's endpoint '\(endpoint.rawValue)', not '\(url.word)'."
            )
        }
        guard let value = document["body"], value != .null else {
            throw problem("missing_required_parameter", "body", "The line has no 'body'.")
        }
        guard case .object(let body) = value else { throw problem("invalid_type", "body", "'body' must be an object, not \(value.kind).") }
        guard [nil, .null, .bool(false)].contains(value["stream"]) else {
            throw problem("invalid_stream", "body.stream", "A batch's answers are not streamed: 'stream' must be false.")
        }
        self.number = number
        self.customID = customID
        self.body = body
    }
}

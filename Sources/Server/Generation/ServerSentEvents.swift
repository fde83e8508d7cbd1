/// The bytes of server-sent events.
package enum ServerSentEvents {
    package static let contentType = "text/event-stream; charset=utf-8"
    /// What ends a stream that went well.
    package static let done = Array("data: [DONE]\n\n".utf8)
    /// A comment, which clients pass over; it keeps a waiting connection open.
    package static let comment = Array(": waiting\n\n".utf8)

    /// One event that carries a document.
    package static func event(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(prefix: "data: ")
        body(&writer)
        writer.append("\n\n")
        return writer.bytes
    }
}

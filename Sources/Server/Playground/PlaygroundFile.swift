import CPlayground
import ModelFiles

/// A file of the playground, as it was compiled into the program.
package struct PlaygroundFile: Sendable {
    /// The path it is served under.
    package let path: String
    /// Its media type.
    package let contentType: String
    /// Its content.
    package let bytes: [UInt8]
    /// What names this content in `ETag` and `If-None-Match`, with its quotes.
    package let tag: String

    /// Every file there is.
    package static func all() throws -> [PlaygroundFile] {
        try (0..<playground_file_count()).map { try PlaygroundFile(playground_file_at($0)) }
    }

    private init(_ file: playground_file) throws {
        let name = String(cString: file.name)
        bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
        tag = "\"\(try SHA256Digest.of(bytes).hex.prefix(32))\""
        switch name {
        case "index.html": path = "/"
        case "server.html": path = "/server"
        default: path = "/playground/\(name)"
        }
        switch name.split(separator: ".").last {
        case "html": contentType = "text/html; charset=utf-8"
        case "css": contentType = "text/css; charset=utf-8"
        case "js": contentType = "text/javascript; charset=utf-8"
        case "svg": contentType = "image/svg+xml"
        default: contentType = "application/octet-stream"
        }
    }
}

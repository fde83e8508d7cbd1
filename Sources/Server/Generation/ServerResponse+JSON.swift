import HTTP
import HTTPTypes

extension ServerResponse {
    /// An answer that is a JSON document.
    package static func json(_ status: HTTPResponse.Status, _ bytes: [UInt8], fields: HTTPFields = [:]) -> ServerResponse {
        var fields = fields
        fields[.contentType] = "application/json"
        return ServerResponse(status: status, fields: fields, body: .bytes(bytes))
    }

    /// An answer that is an object whose members `body` writes.
    package static func object(_ status: HTTPResponse.Status = .ok, _ body: (inout JSONWriter) -> Void) -> ServerResponse {
        var writer = JSONWriter()
        writer.object(body)
        return .json(status, writer.bytes)
    }

    /// OpenAI's list object, whose elements `body` writes.
    package static func list(_ body: (inout JSONWriter) -> Void) -> ServerResponse {
        .object { writer in
            writer.member("object", "list")
            writer.name("data")
            writer.array(body)
        }
    }

    /// An error in OpenAI's shape.
    package init(_ error: APIError) {
        self = .json(error.status, error.body, fields: error.fields)
    }
}

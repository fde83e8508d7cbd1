import Inference
import ModelFiles

/// What text a request wants: any, any JSON object, or JSON of a schema.
package enum ResponseFormat: Sendable, Equatable {
    case text
    case json(JSONShape)

    /// Decodes a request's `response_format`, as OpenAI has it: `{"type": "text"}`, `{"type": "json_object"}` or
    /// `{"type": "json_schema", "json_schema": {"name": …, "schema": {…}}}`.
    ///
    /// - Throws: `APIError` that names what cannot be carried out.
    package init(_ fields: JSONFields?) throws(APIError) {
        guard let fields else {
            self = .text
            return
        }
        guard let type = try fields.string("type") else {
            throw .invalid(fields.prefix + "type", "'response_format' needs a 'type': text, json_object or json_schema.")
        }
        switch type.word {
        case "text":
            self = .text
        case "json_object":
            var shape = JSONShape()
            shape.root = shape.addAny().object
            self = .json(shape)
        case "json_schema":
            guard let schema = try fields.object("json_schema") else {
                throw .invalid(fields.prefix + "json_schema", "'response_format' of the type json_schema needs 'json_schema'.")
            }
            _ = try schema.string("name")
            _ = try schema.bool("strict")
            guard let value = schema.value("schema") else {
                throw .invalid(schema.prefix + "schema", "'response_format.json_schema' needs 'schema', a JSON Schema.")
            }
            var reader = JSONSchemaReader(root: value, field: schema.prefix + "schema")
            self = .json(try reader.readShape())
        default:
            throw .invalid(fields.prefix + "type", "'response_format.type' must be text, json_object or json_schema, not '\(type.word)'.")
        }
    }
}

import Inference
import Server
import Testing

@Suite("response_format")
struct ResponseFormatTests {
    private func format(_ json: String) throws -> ResponseFormat {
        try ResponseFormat(JSONFields(try JSONParser.parse(json), name: "response_format", prefix: "response_format."))
    }

    private func schema(_ schema: String) throws -> JSONShape {
        guard
            case .json(let shape) = try format(
                #"{"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": \#(schema)}}"#
            )
        else {
            throw TestFailure("no shape")
        }
        return shape
    }

    private func error(_ json: String) -> APIError? {
        do {
            _ = try format(json)
            return nil
        } catch {
            return error as? APIError
        }
    }

    private func schemaError(_ schema: String) -> APIError? {
        error(#"{"type": "json_schema", "json_schema": {"name": "x", "schema": \#(schema)}}"#)
    }

    @Test("text asks for nothing, and so does a request without the field")
    func text() throws {
        #expect(try ResponseFormat(nil) == .text)
        #expect(try format(#"{"type": "text"}"#) == .text)
    }

    @Test(
        "what is not a format is refused by the field's name",
        arguments: [
            ("{}", "response_format.type"), (#"{"type": 1}"#, "response_format.type"), (#"{"type": "yaml"}"#, "response_format.type"),
            (#"{"type": "json_schema"}"#, "response_format.json_schema"),
            (#"{"type": "json_schema", "json_schema": {}}"#, "response_format.json_schema.schema"),
            (#"{"type": "json_schema", "json_schema": {"strict": 1, "schema": {}}}"#, "response_format.json_schema.strict"),
        ]
    )
    func badFormats(_ json: String, _ parameter: String) {
        #expect(error(json)?.parameter == parameter)
        #expect(error(json)?.status == .badRequest)
    }

    @Test(
        "keywords that are not carried out are refused by name, with the place",
        arguments: [
            "pattern", "format", "oneOf", "allOf", "not", "if", "multipleOf", "uniqueItems", "contains", "prefixItems", "patternProperties",
            "propertyNames", "minProperties", "maxProperties", "dependentRequired", "unevaluatedProperties", "$dynamicRef", "nullable",
        ]
    )
    func unknownKeywords(_ keyword: String) {
        let error = schemaError(#"{"type": "object", "properties": {"a": {"type": "string", "\#(keyword)": "x"}}}"#)
        #expect(error?.code == "invalid_json_schema")
        #expect(error?.message.contains("'\(keyword)'") == true && error?.message.contains("#/properties/a") == true)
    }

    @Test("keywords that describe are passed over")
    func describing() throws {
        _ = try schema(
            #"{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "x", "title": "T", "description": "d", "default": 1, "examples": [1], "$comment": "c", "deprecated": true, "readOnly": true, "writeOnly": false, "type": "integer"}"#
        )
        #expect(try schema(#"{"title": null, "default": null, "const": null}"#) == schema(#"{"enum": [null]}"#))
    }

    @Test(
        "schemas that nothing fits, or that are none, are refused",
        arguments: [
            "1", "false", #"{"type": "text"}"#, #"{"type": []}"#, #"{"type": ["string", 1]}"#, #"{"enum": []}"#, #"{"enum": 1}"#,
            #"{"type": "string", "enum": [1, 2]}"#, #"{"const": 1, "enum": [2]}"#, #"{"const": 1e999}"#,
            #"{"enum": [123456789012345678901]}"#, #"{"type": null}"#, #"{"type": "string", "maxLength": null}"#, #"{"$ref": null}"#,
            #"{"type": "string", "minLength": 3, "maxLength": 2}"#,
            #"{"type": "string", "minLength": -1}"#, #"{"type": "string", "maxLength": 1.5}"#,
            #"{"type": "array", "minItems": 2, "maxItems": 1}"#,
            #"{"type": "integer", "minimum": 2, "maximum": 1}"#, #"{"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}"#,
            #"{"type": "number", "minimum": "1"}"#, #"{"type": "number", "minimum": 1e16}"#, #"{"anyOf": []}"#, #"{"anyOf": [false]}"#,
            #"{"anyOf": [{"type": "string"}], "type": "string"}"#, #"{"enum": ["a"], "minLength": 1}"#,
            ##"{"$ref": "#", "type": "string"}"##,
            ##"{"$ref": "https://example.org/x"}"##, ##"{"$ref": "#/nothing"}"##, ##"{"$ref": "#x"}"##,
            #"{"type": "object", "required": ["a"], "properties": {}, "additionalProperties": false}"#,
            #"{"type": "object", "required": "a"}"#, #"{"type": "object", "properties": []}"#,
            #"{"type": "object", "properties": {"a": 1}}"#,
        ]
    )
    func badSchemas(_ schema: String) {
        #expect(schemaError(schema)?.code == "invalid_json_schema", "\(schema)")
    }

    @Test("a keyword that belongs to another type is passed over, as JSON Schema has it")
    func otherTypes() throws {
        let shape = try schema(#"{"type": "string", "minimum": 3, "items": {"type": "null"}, "maxLength": 4}"#)
        #expect(try schema(#"{"type": "string", "maxLength": 4}"#) == shape)
    }

    @Test("a schema without type is of the types whose keywords it has; without any, of all")
    func withoutType() throws {
        #expect(try schema(#"{"minLength": 2}"#) == schema(#"{"type": "string", "minLength": 2}"#))
        #expect(try schema("{}") == schema("true"))
    }

    @Test("references may go in circles, by name and by pointer with escapes")
    func references() throws {
        _ = try schema(
            ##"{"$defs": {"a/b~c d": {"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#/$defs/a~1b~0c%20d"}}]}}, "properties": {"x": {"$ref": "#/$defs/a~1b~0c%20d"}, "y": {"$ref": "#/properties/x"}, "z": {"anyOf": [{"type": "null"}, {"$ref": "#"}]}}}"##
        )
    }

    @Test("a schema of too many parts, values or bytes is refused")
    func bounds() {
        let values = (0...1000).map { "\($0)" }.joined(separator: ",")
        #expect(schemaError(#"{"enum": [\#(values)]}"#)?.message.contains("1000") == true)
        #expect(schemaError(#"{"const": "\#(String(repeating: "x", count: 100_001))"}"#)?.message.contains("100000") == true)
        let parts = (0...10_000).map { #""p\#($0)": {"type": "null"}"# }.joined(separator: ",")
        #expect(schemaError(#"{"properties": {\#(parts)}}"#)?.message.contains("10000") == true)
        // Each is read again for each way to spell a reference to it.
        let names = [String](repeating: #""""#, count: 6000).joined(separator: ",")
        let twice = ##""anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/%61"}]"##
        #expect(schemaError(##"{"$defs": {"a": {"required": [\##(names)]}}, \##(twice)}"##)?.message.contains("10000 names") == true)
        let zeros = "null" + String(repeating: ",0", count: 600)
        #expect(
            schemaError(##"{"$defs": {"a": {"type": "null", "enum": [\##(zeros)]}}, \##(twice)}"##)?.message.contains("1000 values") == true
        )
        let key = String(repeating: "k", count: 1100)
        #expect(
            schemaError(##"{"$defs": {"\##(key)": {"type": "null"}}, "$ref": "#/$defs/\##(key)"}"##)?.message.contains("1024 bytes") == true
        )
        let references = [String](repeating: ##"{"$ref": "#/$defs/a"}"##, count: 10_000).joined(separator: ",")
        #expect(schemaError(##"{"$defs": {"a": {"type": "null"}}, "anyOf": [\##(references)]}"##)?.message.contains("10000") == true)
    }
}

import HTTP
import Inference
import ModelFiles

/// Turns a JSON Schema (draft 2020-12) into the shape of the texts to allow.
///
/// What it allows is never more than the schema does. It is less in one point: an object with `properties` has further ones only where
/// `additionalProperties` says so. Keywords that would have to be checked and are not known are refused by name; those that only describe are
/// passed over.
struct JSONSchemaReader {
    private let root: JSONValue
    private let field: String
    private var shape = JSONShape()
    /// The node of every target of a `$ref`, by its pointer.
    private var targets: [JSONKey: Int] = [:]
    /// Targets that are still to be read.
    private var pending: [(pointer: String, node: Int)] = []
    private var any: Int?
    private var literalBytes = 0
    private var literalCount = 0
    private var propertyCount = 0
    private var partCount = 0
    private var requiredCount = 0

    private static let describing: Set<String> = [
        "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$schema", "$id", "$comment", "$defs",
        "definitions",
    ]
    private static let kinds: [(type: String, keywords: [String])] = [
        ("object", ["properties", "required", "additionalProperties"]),
        ("array", ["items", "minItems", "maxItems"]),
        ("string", ["minLength", "maxLength"]),
        ("number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
    ]
    private static let types = ["object", "array", "string", "number", "integer", "boolean", "null"]
    private static let maximumNodes = 10_000
    private static let maximumLiterals = 1_000
    private static let maximumPointerBytes = 1024
    private static let maximumLiteralBytes = 100_000

    /// - Parameters:
    ///   - root: the schema.
    ///   - field: the request's field that holds it, for errors.
    init(root: JSONValue, field: String) {
        self.root = root
        self.field = field
    }

    /// The shape of the whole schema.
    mutating func readShape() throws(APIError) -> JSONShape {
        shape.root = target("#")
        while let (pointer, node) = pending.popLast() {
            shape.nodes[node] = .choice([try read(try value(at: pointer), at: pointer.word)])
        }
        return shape
    }

    // MARK: Schemas

    /// Adds the nodes of a schema and returns the place of the one that stands for it.
    private mutating func read(_ schema: JSONValue, at path: String) throws(APIError) -> Int {
        // A reference counts, though it adds no node.
        partCount += 1
        guard partCount <= Self.maximumNodes, shape.nodes.count < Self.maximumNodes else {
            throw refusal(path, "the schema has more than \(Self.maximumNodes) parts")
        }
        switch schema {
        case .bool(true): return anyValue()
        case .bool(false): throw refusal(path, "'false' allows nothing")
        case .object(let members):
            let words = members.names.map(\.text.word)
            let keywords = Set(words).subtracting(Self.describing)
            if let unknown = words.first(where: { keywords.contains($0) && !Self.isKnown($0) }) {
                throw refusal(path, "the keyword '\(unknown)' is not supported")
            }
            if let null = words.first(where: { $0 != "const" && keywords.contains($0) && members[JSONKey($0)] == .null }) {
                throw refusal(path, "'\(null)' is null")
            }
            return try read(JSONFields(members, prefix: ""), keywords, at: path)
        default:
            throw refusal(path, "a schema must be an object or a boolean, not \(schema.kind)")
        }
    }

    private static func isKnown(_ keyword: String) -> Bool {
        ["type", "enum", "const", "anyOf", "$ref"].contains(keyword) || kinds.contains { $0.keywords.contains(keyword) }
    }

    private mutating func read(_ fields: JSONFields, _ keywords: Set<String>, at path: String) throws(APIError) -> Int {
        if let value = fields.value("$ref") {
            try refuseOthers(than: ["$ref"], keywords, at: path)
            guard case .string(let pointer) = value, pointer.utf8.first == UInt8(ascii: "#") else {
                throw refusal(path, "'$ref' must be a pointer into the schema itself, such as '#/$defs/name'")
            }
            // It is looked up, and what it leads to read again, for each way to spell it.
            guard pointer.utf8.count <= Self.maximumPointerBytes else {
                throw refusal(path, "'$ref' is longer than \(Self.maximumPointerBytes) bytes")
            }
            _ = try self.value(at: pointer)
            return target(pointer)
        }
        if let value = fields.value("anyOf") {
            try refuseOthers(than: ["anyOf"], keywords, at: path)
            guard case .array(let members) = value, !members.isEmpty else { throw refusal(path, "'anyOf' must be an array of schemas") }
            var nodes: [Int] = []
            for (index, member) in members.enumerated() { nodes.append(try read(member, at: "\(path)/anyOf/\(index)")) }
            return shape.add(.choice(nodes))
        }
        let types = try types(fields, keywords, at: path)
        if keywords.contains("enum") || keywords.contains("const") { return try literals(fields, keywords, types, at: path) }
        guard let types else { return anyValue() }
        var nodes: [Int] = []
        for type in types where !(type == "integer" && types.contains("number")) { nodes.append(try read(fields, type: type, at: path)) }
        return nodes.count == 1 ? nodes[0] : shape.add(.choice(nodes))
    }

    private func refuseOthers(than allowed: Set<String>, _ keywords: Set<String>, at path: String) throws(APIError) {
        guard let other = keywords.subtracting(allowed).min() else { return }
        throw refusal(path, "'\(other)' beside '\(allowed.min() ?? "")' is not supported")
    }

    /// The types that a schema names or, where it names none, those whose keywords it has; nil where it has none of either.
    private func types(_ fields: JSONFields, _ keywords: Set<String>, at path: String) throws(APIError) -> [String]? {
        let expected = "'type' must be one or several of \(Self.types.joined(separator: ", "))"
        switch fields.value("type") {
        case nil:
            let kinds = Self.kinds.filter { !keywords.isDisjoint(with: $0.keywords) }.map(\.type)
            return kinds.isEmpty ? nil : kinds
        case .string(let type):
            guard Self.types.contains(type.word) else { throw refusal(path, expected) }
            return [type]
        case .array(let elements):
            var types: [String] = []
            for element in elements {
                guard case .string(let type) = element, Self.types.contains(type.word), !types.contains(type) else {
                    throw refusal(path, expected)
                }
                types.append(type)
            }
            guard !types.isEmpty else { throw refusal(path, expected) }
            return types
        default: throw refusal(path, expected)
        }
    }

    /// The values of `enum` or `const`, as far as they are of the types.
    private mutating func literals(_ fields: JSONFields, _ keywords: Set<String>, _ types: [String]?, at path: String) throws(APIError)
        -> Int
    {
        try refuseOthers(than: ["const", "enum", "type"], keywords, at: path)
        var values: [JSONValue]?
        if keywords.contains("enum") {
            guard case .array(let elements) = fields.value("enum") else { throw refusal(path, "'enum' must be an array") }
            literalCount += elements.count
            try checkLiterals(at: path)
            values = elements
        }
        switch fields.presence("const") {
        case .absent: break
        case .null: values = values.map { $0.filter { $0 == .null } } ?? [.null]
        case .value(let constant): values = values.map { $0.filter { $0 == constant } } ?? [constant]
        }
        let fitting = (values ?? []).filter { value in types?.contains { Self.isOf(value, type: $0) } ?? true }
        guard !fitting.isEmpty else { throw refusal(path, "no value fits it") }
        guard fitting.allSatisfy(\.hasExactNumbers) else { throw refusal(path, "a number is too large") }
        var texts: [[UInt8]] = []
        for value in fitting {
            var writer = JSONWriter()
            writer.value(value)
            texts.append(writer.bytes)
        }
        literalBytes += texts.reduce(0) { $0 + $1.count }
        try checkLiterals(at: path)
        return shape.add(.literals(texts))
    }

    private func checkLiterals(at path: String) throws(APIError) {
        guard literalCount <= Self.maximumLiterals, literalBytes <= Self.maximumLiteralBytes else {
            throw refusal(
                path,
                "the schema lists more than \(Self.maximumLiterals) values, or \(Self.maximumLiteralBytes) bytes of them and of names"
            )
        }
    }

    private static func isOf(_ value: JSONValue, type: String) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .number(let number): number != .unrepresentable && (type == "number" || (type == "integer" && number.isWhole))
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }

    // MARK: Types

    private mutating func read(_ fields: JSONFields, type: String, at path: String) throws(APIError) -> Int {
        switch type {
        case "object": return try object(fields, at: path)
        case "array": return try array(fields, at: path)
        case "string":
            let (minimum, maximum) = try bounds(fields, "minLength", "maxLength", at: path)
            return shape.add(.string(JSONStringLimits(minimum: minimum, maximum: maximum)))
        case "number", "integer": return try number(fields, isInteger: type == "integer", at: path)
        case "boolean": return shape.add(.literals(["false", "true"].map { Array($0.utf8) }))
        default: return shape.add(.literals([Array("null".utf8)]))
        }
    }

    private mutating func number(_ fields: JSONFields, isInteger: Bool, at path: String) throws(APIError) -> Int {
        func bound(_ name: String) throws(APIError) -> Double? {
            guard let value = fields.value(name) else { return nil }
            guard case .number(let number) = value, number != .unrepresentable else { throw refusal(path, "'\(name)' must be a number") }
            return number.double
        }
        let limits = JSONNumberLimits(
            isInteger: isInteger,
            minimum: try bound("minimum"),
            exclusiveMinimum: try bound("exclusiveMinimum"),
            maximum: try bound("maximum"),
            exclusiveMaximum: try bound("exclusiveMaximum")
        )
        guard !limits.isEmpty else {
            throw refusal(
                path,
                "no number of at most \(JSONNumberLimits.wholeDigits) digits before the point and \(JSONNumberLimits.fractionDigits) behind it is in its range"
            )
        }
        return shape.add(.number(limits))
    }

    private mutating func array(_ fields: JSONFields, at path: String) throws(APIError) -> Int {
        let (minimum, maximum) = try bounds(fields, "minItems", "maxItems", at: path)
        let items: Int
        if maximum == 0 {
            items = anyValue()
        } else if let value = fields.value("items") {
            items = try read(value, at: "\(path)/items")
        } else {
            items = anyValue()
        }
        return shape.add(.array(JSONArrayShape(items: items, minimum: minimum, maximum: maximum)))
    }

    private mutating func object(_ fields: JSONFields, at path: String) throws(APIError) -> Int {
        var members = JSONObject()
        if let value = fields.value("properties") {
            guard case .object(let object) = value else { throw refusal(path, "'properties' must be an object") }
            members = object
        }
        let additional = try additional(fields, isDeclared: fields.value("properties") != nil, at: path)
        var properties: [JSONObjectShape.Property] = []
        let required = try required(fields, at: path)
        let isRequired = Set(required)
        for (name, schema) in members {
            try count(name, at: path)
            // The path is told in errors only.
            let node = try read(schema, at: "\(path.prefix(200))/properties/\(name.text.word)")
            properties.append(.init(name: Array(name.text.utf8), value: node, isRequired: isRequired.contains(name)))
        }
        for name in required where members[name] == nil {
            guard fields.presence("additionalProperties") != .value(.bool(false)) else {
                throw refusal(
                    path,
                    "'required' names '\(name.text.word)', which 'properties' does not have and 'additionalProperties' forbids"
                )
            }
            try count(name, at: path)
            properties.append(.init(name: Array(name.text.utf8), value: additional ?? anyValue(), isRequired: true))
        }
        return shape.add(.object(JSONObjectShape(properties: properties, additional: additional)))
    }

    /// Counts a property and its name against what a schema may have.
    private mutating func count(_ name: JSONKey, at path: String) throws(APIError) {
        propertyCount += 1
        literalBytes += name.text.utf8.count
        guard propertyCount <= Self.maximumNodes else { throw refusal(path, "the schema has more than \(Self.maximumNodes) parts") }
        guard literalBytes <= Self.maximumLiteralBytes else {
            throw refusal(path, "the schema has more than \(Self.maximumLiteralBytes) bytes of values and names")
        }
    }

    /// The node of properties that are not declared; nil where there shall be none.
    private mutating func additional(_ fields: JSONFields, isDeclared: Bool, at path: String) throws(APIError) -> Int? {
        switch fields.value("additionalProperties") {
        case nil: return isDeclared ? nil : anyValue()
        case .bool(let isAllowed): return isAllowed ? anyValue() : nil
        case .some(let schema): return try read(schema, at: "\(path)/additionalProperties")
        }
    }

    /// The names of `required`, each once.
    private mutating func required(_ fields: JSONFields, at path: String) throws(APIError) -> [JSONKey] {
        guard let value = fields.value("required") else { return [] }
        guard case .array(let elements) = value else { throw refusal(path, "'required' must be an array of names") }
        // Counted before they are looked at: a part is read again for each way to spell a reference to it.
        requiredCount += elements.count
        guard requiredCount <= Self.maximumNodes else { throw refusal(path, "the schema requires more than \(Self.maximumNodes) names") }
        var (names, seen): ([JSONKey], Set<JSONKey>) = ([], [])
        for element in elements {
            guard case .string(let name) = element else { throw refusal(path, "'required' must be an array of names") }
            if seen.insert(JSONKey(name)).inserted { names.append(JSONKey(name)) }
        }
        return names
    }

    private func bounds(_ fields: JSONFields, _ lower: String, _ upper: String, at path: String) throws(APIError) -> (Int, Int?) {
        func bound(_ name: String) throws(APIError) -> Int? {
            guard let value = fields.value(name) else { return nil }
            guard case .number(let number) = value, let count = number.integer, (0...Int(Int32.max)).contains(count) else {
                throw refusal(path, "'\(name)' must be an integer between 0 and \(Int32.max)")
            }
            return count
        }
        let (minimum, maximum) = (try bound(lower) ?? 0, try bound(upper))
        guard minimum <= maximum ?? .max else { throw refusal(path, "'\(lower)' is above '\(upper)'") }
        return (minimum, maximum)
    }

    private mutating func anyValue() -> Int {
        if let any { return any }
        let node = shape.addAny().value
        any = node
        return node
    }

    // MARK: References

    /// The node of a `$ref`'s target, which is read later where it was not yet.
    private mutating func target(_ pointer: String) -> Int {
        if let node = targets[JSONKey(pointer)] { return node }
        let node = shape.add(.choice([]))
        targets[JSONKey(pointer)] = node
        pending.append((pointer, node))
        return node
    }

    /// The part of the schema that a fragment points to: `#`, or `#` and a JSON pointer (RFC 6901, section 6).
    private func value(at pointer: String) throws(APIError) -> JSONValue {
        var value = root
        guard pointer.utf8.count > 1 else { return value }
        let parts = pointer.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.first?.isEmpty == true else { throw refusal("#", "'$ref' '\(pointer.word)' is no JSON pointer") }
        for part in parts.dropFirst() {
            let name = Self.unescape(part)
            switch value {
            case .object(let members):
                guard let member = members[JSONKey(name)] else { throw refusal("#", "'$ref' '\(pointer.word)' points to nothing") }
                value = member
            case .array(let elements):
                guard let index = Int(name), elements.indices.contains(index) else {
                    throw refusal("#", "'$ref' '\(pointer.word)' points to nothing")
                }
                value = elements[index]
            default: throw refusal("#", "'$ref' '\(pointer.word)' points to nothing")
            }
        }
        return value
    }

    /// A part of a pointer in a fragment: percent-decoded, then `~1` as `/` and `~0` as `~`.
    private static func unescape(_ part: Substring.UTF8View) -> String {
        let text = String(Substring(part))
        var (bytes, isEscaped): ([UInt8], Bool) = ([], false)
        for byte in (PercentDecoding.decode(text) ?? text).utf8 {
            switch (isEscaped, byte) {
            case (true, UInt8(ascii: "0")): isEscaped = false
            case (true, UInt8(ascii: "1")): (isEscaped, bytes[bytes.count - 1]) = (false, UInt8(ascii: "/"))
            default:
                isEscaped = byte == UInt8(ascii: "~")
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func refusal(_ path: String, _ why: String) -> APIError {
        .invalid(field, "The JSON Schema in '\(field)' cannot be used: at '\(path.prefix(200))', \(why).", code: "invalid_json_schema")
    }
}

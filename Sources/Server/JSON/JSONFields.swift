/// The members of a request's object, read strictly: a member of the wrong type or range is refused by name, one that nobody reads is ignored.
///
/// Null counts as absent, as OpenAI has it; `control` tells the two apart with `presence`.
package struct JSONFields: Sendable {
    private var members: JSONObject
    /// What stands before a member's name in an error: empty, or `control.`.
    package let prefix: String

    package init(_ members: JSONObject, prefix: String = "") {
        self.members = members
        self.prefix = prefix
    }

    /// The members of an object; any other value is refused.
    package init(_ value: JSONValue, name: String, prefix: String) throws(APIError) {
        guard case .object(let members) = value else {
            throw .invalid(name, "'\(name)' must be an object, not \(value.kind).")
        }
        self.init(members, prefix: prefix)
    }

    /// The names in use, in their order.
    package var names: [String] {
        members.names.map(\.text)
    }

    /// The member's value; nil where it is absent or null.
    package func value(_ name: String) -> JSONValue? {
        guard let value = members[JSONKey(name)], value != .null else { return nil }
        return value
    }

    /// The same fields with one put in, or in the place of another.
    package func setting(_ name: String, to value: JSONValue) -> JSONFields {
        var copy = self
        copy.members[JSONKey(name)] = value
        return copy
    }

    /// Whether the member is left out, null, or there.
    package func presence(_ name: String) -> JSONPresence {
        guard let value = members[JSONKey(name)] else { return .absent }
        return value == .null ? .null : .value(value)
    }

    package func string(_ name: String) throws(APIError) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { throw mismatch(name, "a string", value) }
        return text
    }

    package func bool(_ name: String) throws(APIError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let flag) = value else { throw mismatch(name, "a boolean", value) }
        return flag
    }

    package func integer(_ name: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
        guard let value = value(name) else { return nil }
        return try integer(value, name: name, in: range)
    }

    /// A value that must be a whole number in a range; `name` is the member's name for the error.
    package func integer(_ value: JSONValue, name: String, in range: ClosedRange<Int>) throws(APIError) -> Int {
        guard case .number(let number) = value, number.isWhole || number == .unrepresentable else {
            throw mismatch(name, "an integer", value)
        }
        guard let integer = number.integer, range.contains(integer) else {
            throw .invalid(prefix + name, "'\(prefix)\(name)' must be \(Self.describe(range)).")
        }
        return integer
    }

    package func number(_ name: String, in range: NumberRange) throws(APIError) -> Float? {
        guard let value = value(name) else { return nil }
        return try number(value, name: name, in: range)
    }

    /// A value that must be a number in a range; `name` is the member's name for the error.
    package func number(_ value: JSONValue, name: String, in range: NumberRange) throws(APIError) -> Float {
        guard case .number(let number) = value else { throw mismatch(name, "a number", value) }
        let double = number.double
        guard range.contains(double), Float(double).isFinite else {
            throw .invalid(prefix + name, "'\(prefix)\(name)' must be \(range).")
        }
        // What is too small for a float is the smallest there is, not 0, which may be out of range.
        return double != 0 && Float(double) == 0 ? Float(signOf: Float(double), magnitudeOf: .leastNonzeroMagnitude) : Float(double)
    }

    package func array(_ name: String) throws(APIError) -> [JSONValue]? {
        guard let value = value(name) else { return nil }
        guard case .array(let elements) = value else { throw mismatch(name, "an array", value) }
        return elements
    }

    /// The fields of a member that is an object.
    package func object(_ name: String) throws(APIError) -> JSONFields? {
        guard let value = value(name) else { return nil }
        guard case .object(let members) = value else { throw mismatch(name, "an object", value) }
        return JSONFields(members, prefix: "\(prefix)\(name).")
    }

    /// The error for a value of the wrong type.
    package func mismatch(_ name: String, _ expected: String, _ value: JSONValue) -> APIError {
        .invalid(prefix + name, "'\(prefix)\(name)' must be \(expected), not \(value.kind).")
    }

    private static func describe(_ range: ClosedRange<Int>) -> String {
        if range.upperBound == .max { return "an integer of at least \(range.lowerBound)" }
        return "an integer between \(range.lowerBound) and \(range.upperBound)"
    }
}

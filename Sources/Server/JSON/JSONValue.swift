/// A parsed JSON document.
///
/// Of members with the same name the last one counts, as in Python's `json` and JavaScript's `JSON.parse`.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Text is compared byte for byte, as JSON has it; see ``JSONKey``.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    /// What kind of value this is, in the words of an error message.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number(let number): number.isWhole ? "an integer" : "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// Whether every number within is written again as one that equals it.
    package var hasExactNumbers: Bool {
        switch self {
        case .number(let number): number.isExact
        case .array(let elements): elements.allSatisfy(\.hasExactNumbers)
        case .object(let members): members.allSatisfy(\.value.hasExactNumbers)
        case .null, .bool, .string: true
        }
    }

    /// The member of that name; nil where this is no object or has no such member.
    package subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[JSONKey(name)]
    }
}

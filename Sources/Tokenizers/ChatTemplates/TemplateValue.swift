/// A value in a chat template.
public enum TemplateValue: Sendable, Equatable {
    /// Something that was never set: false, empty, and prints as nothing.
    case undefined
    /// Python's None.
    case none
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case integer(Int)
    /// A number with a fraction.
    case float(Double)
    /// Text.
    case string(String)
    /// A list.
    case list([TemplateValue])
    /// A mapping; members stay in order.
    case mapping([(key: String, value: TemplateValue)])
    /// Something that can be called or assigned to, in the rendering that made it.
    case object(TemplateObject)

    /// Equal values; texts are compared as Unicode scalars, numbers as numbers.
    public static func == (a: TemplateValue, b: TemplateValue) -> Bool {
        switch (a, b) {
        case (.undefined, .undefined), (.none, .none): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.list(let a), .list(let b)): a == b
        case (.mapping(let a), .mapping(let b)):
            a.count == b.count && a.allSatisfy { member in b.contains { $0.key == member.key && $0.value == member.value } }
        case (.object(let a), .object(let b)): a === b
        default: if let x = a.number, let y = b.number { x == y } else { false }
        }
    }

    /// The number, for numbers and truth values.
    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .float(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// Python's idea of truth.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let value): !value.isEmpty
        case .list(let values): !values.isEmpty
        case .mapping(let members): !members.isEmpty
        case .object: true
        }
    }

    /// The member of that name of a mapping.
    func member(_ name: String) -> TemplateValue? {
        guard case .mapping(let members) = self else { return nil }
        return members.last { $0.key.utf8.elementsEqual(name.utf8) }?.value
    }

    /// What the value is called in messages.
    var typeName: String {
        switch self {
        case .undefined: "undefined"
        case .none: "none"
        case .bool: "a truth value"
        case .integer: "an integer"
        case .float: "a number"
        case .string: "a string"
        case .list: "a list"
        case .mapping: "a mapping"
        case .object: "an object"
        }
    }

    /// How the value prints: Python's str().
    var text: String {
        switch self {
        case .undefined: ""
        case .string(let value): value
        default: representation
        }
    }

    /// How the value prints inside a list: Python's repr().
    var representation: String {
        switch self {
        case .undefined: ""
        case .none: "None"
        case .bool(let value): value ? "True" : "False"
        case .integer(let value): "\(value)"
        case .float(let value): "\(value)"
        case .string(let value):
            "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'").replacing("\n", with: "\\n") + "'"
        case .list(let values): "[" + values.map(\.representation).joined(separator: ", ") + "]"
        case .mapping(let members):
            "{" + members.map { "\(TemplateValue.string($0.key).representation): \($0.value.representation)" }.joined(separator: ", ") + "}"
        case .object: "<object>"
        }
    }
}

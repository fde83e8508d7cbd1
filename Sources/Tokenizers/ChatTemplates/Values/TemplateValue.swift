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
    /// Text that is marked as HTML, as the filters `safe` and `escape` give it: what is added to it is escaped.
    case markup(String)
    /// A list.
    case list([TemplateValue])
    /// A tuple: written in parentheses, and equal to no list.
    case tuple([TemplateValue])
    /// A mapping; members stay in order, keys are no lists or mappings and stand once.
    case mapping([(key: TemplateValue, value: TemplateValue)])
    /// Something that can be called or assigned to, in the rendering that made it.
    case object(TemplateObject)

    /// Equal values; texts are compared as Unicode scalars, numbers as numbers, mappings without regard to order.
    public static func == (a: TemplateValue, b: TemplateValue) -> Bool {
        switch (a, b) {
        case (.undefined, .undefined), (.none, .none): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.string(let a), .string(let b)), (.string(let a), .markup(let b)), (.markup(let a), .string(let b)),
            (.markup(let a), .markup(let b)):
            a.utf8.elementsEqual(b.utf8)
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)): a == b
        case (.mapping(let a), .mapping(let b)): areEqual(a, b)
        case (.object(let a), .object(let b)): a == b
        default: if let x = a.number, let y = b.number { x == y } else { false }
        }
    }

    /// A mapping whose keys are texts.
    public static func mapping(texts members: [(key: String, value: TemplateValue)]) -> TemplateValue {
        .mapping(members.map { (.string($0.key), $0.value) })
    }

    private typealias Members = [(key: TemplateValue, value: TemplateValue)]

    private static func areEqual(_ a: Members, _ b: Members) -> Bool {
        guard a.count == b.count else { return false }
        func haveEqualKeys(_ a: Members, _ b: Members) -> Bool { zip(a, b).allSatisfy { $0.key == $1.key } }
        func sorted(_ members: Members) -> Members { members.sorted { isBefore($0.key, $1.key) } }
        let (x, y) = haveEqualKeys(a, b) ? (a, b) : (sorted(a), sorted(b))
        return haveEqualKeys(x, y) && zip(x, y).allSatisfy { $0.value == $1.value }
    }

    /// Some order of keys: numbers, then texts, then the rest.
    private static func isBefore(_ a: TemplateValue, _ b: TemplateValue) -> Bool {
        switch (a, b) {
        case (.string(let a), .string(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.string, _): false
        case (_, .string): a.number != nil
        default: if let x = a.number, let y = b.number { x < y } else { a.number != nil && b.number == nil }
        }
    }

    /// The value as most operations see it: text without its mark, tuples as lists.
    var plain: TemplateValue {
        switch self {
        case .markup(let text): .string(text)
        case .tuple(let values): .list(values)
        default: self
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

    /// The whole number, for integers and truth values.
    var integer: Int? {
        switch self {
        case .integer(let value): value
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
        case .string(let value), .markup(let value): !value.isEmpty
        case .list(let values), .tuple(let values): !values.isEmpty
        case .mapping(let members): !members.isEmpty
        case .object(let object): if case .view(_, let values) = object.kind { !values.isEmpty } else { true }
        }
    }

    /// The member of that name of a mapping, by the bytes of its key.
    func member(_ name: String) -> TemplateValue? {
        guard case .mapping(let members) = self else { return nil }
        return members.first { if case .string(let key) = $0.key { key.utf8.elementsEqual(name.utf8) } else { false } }?.value
    }

    /// The member of a mapping that has this key.
    func member(key: TemplateValue) -> TemplateValue? {
        if case .string(let name) = key.plain { return member(name) }
        guard case .mapping(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// Whether the value may be a mapping's key.
    var isKey: Bool {
        switch self {
        case .none, .bool, .integer, .float, .string, .markup: true
        case .tuple(let values): values.allSatisfy(\.isKey)
        case .undefined, .list, .mapping, .object: false
        }
    }

    /// What the value is called in messages.
    var typeName: String {
        switch self {
        case .undefined: "an undefined value"
        case .none: "none"
        case .bool: "a truth value"
        case .integer: "an integer"
        case .float: "a number"
        case .string, .markup: "a string"
        case .list: "a list"
        case .tuple: "a tuple"
        case .mapping: "a mapping"
        case .object: "an object"
        }
    }
}

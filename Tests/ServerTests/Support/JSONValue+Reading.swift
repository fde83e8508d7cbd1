import Server

extension JSONValue {
    /// The text of a string; nil for anything else.
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The size of a number; nil for anything else.
    var double: Double? {
        if case .number(let number) = self { number.double } else { nil }
    }

    /// The whole number; nil for anything else.
    var integer: Int? {
        if case .number(let number) = self { number.integer } else { nil }
    }

    /// The elements of an array; empty for anything else.
    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The element at an index; nil where there is none.
    subscript(_ index: Int) -> JSONValue? {
        elements.indices.contains(index) ? elements[index] : nil
    }
}

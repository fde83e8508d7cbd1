/// What a rendering may still use. Templates are not trusted: every step, every element and every run of bytes counts.
struct TemplateBudget {
    private var remaining = 10_000_000

    /// Values are nested at most as deep.
    static let maximumDepth = 64
    /// Texts are at most as long, in bytes.
    static let maximumText = 16 << 20
    private static let bytesPerStep = 64
    private static let charactersPerStep = 4

    /// Counts steps.
    mutating func spend(_ steps: Int, line: Int) throws(TemplateError) {
        remaining -= min(steps, Int(Int32.max))
        guard remaining >= 0 else { throw TemplateError("the template takes too long", line: line) }
    }

    /// Counts bytes that are about to be written or searched.
    mutating func spend(bytes: Int, line: Int) throws(TemplateError) {
        try check(length: bytes, line: line)
        try spend(1 + bytes / Self.bytesPerStep, line: line)
    }

    /// Counts bytes of text that is gone through character by character.
    mutating func spend(characters bytes: Int, line: Int) throws(TemplateError) {
        try spend(1 + bytes / Self.charactersPerStep, line: line)
    }

    /// Refuses a text that has grown too long.
    func check(length bytes: Int, line: Int) throws(TemplateError) {
        guard bytes <= Self.maximumText else { throw TemplateError("a text of more than \(Self.maximumText) bytes", line: line) }
    }

    /// Counts the bytes of `count` texts of some length, which may be too many to add up.
    mutating func spend(bytes: Int, times count: Int, line: Int) throws(TemplateError) {
        let (total, overflow) = bytes.multipliedReportingOverflow(by: max(count, 0))
        try spend(bytes: overflow ? .max : total, line: line)
    }

    /// Counts a comparison of a value with `count` others.
    mutating func spend(comparing value: TemplateValue, times count: Int, line: Int) throws(TemplateError) {
        let before = remaining
        try admit(value, line: line)
        try spend(bytes: (1 + before - remaining) * Self.bytesPerStep, times: count, line: line)
    }

    /// Counts all that a value holds, and refuses one that is nested too deep: new lists and mappings pass here.
    mutating func admit(_ value: TemplateValue, line: Int, depth: Int = 0) throws(TemplateError) {
        guard depth <= Self.maximumDepth else { throw TemplateError("a value nested more than \(Self.maximumDepth) deep", line: line) }
        switch value {
        case .string(let text), .markup(let text): try spend(text.utf8.count / Self.bytesPerStep, line: line)
        case .list(let values), .tuple(let values):
            try spend(values.count, line: line)
            for value in values { try admit(value, line: line, depth: depth + 1) }
        case .mapping(let members):
            try spend(members.count, line: line)
            for member in members {
                try admit(member.key, line: line, depth: depth + 1)
                try admit(member.value, line: line, depth: depth + 1)
            }
        case .object(let object):
            switch object.kind {
            case .method(let base, _): try admit(base, line: line, depth: depth + 1)
            case .generator(let generator): try admit(.list(generator.values), line: line, depth: depth)
            case .view(_, let values): try admit(.list(values), line: line, depth: depth)
            case .namespace, .macro, .loop, .function: break
            }
        default: break
        }
    }
}

/// Reads the regular expressions that tokenizers cut text with, in the syntax of Oniguruma, which Hugging Face's tokenizers use.
///
/// Known are alternatives, groups, sets with their operations, categories, greedy and possessive quantifiers of sets, `(?i:…)`, `$`, and lookahead
/// of one scalar. All else is refused, repeated groups above all: what they cost could grow with every power of the text.
struct PatternParser {
    /// Nested groups and sets beyond this are refused.
    private static let maximumDepth = 16
    /// Longer patterns are refused.
    private static let maximumLength = 8192

    private let source: [Unicode.Scalar]
    private var offset = 0
    private var depth = 0

    /// The alternatives of a pattern.
    static func parse(_ source: String) throws(PatternError) -> [[PatternNode]] {
        guard source.utf8.count <= maximumLength else { throw PatternError("more than \(maximumLength) bytes", at: maximumLength) }
        var parser = Self(source: Array(source.unicodeScalars))
        let alternatives = try parser.alternatives(ignoringCase: false)
        guard parser.offset == parser.source.count else { throw parser.error("')' without '('") }
        return alternatives
    }

    private init(source: [Unicode.Scalar]) {
        self.source = source
    }

    private var next: Unicode.Scalar? {
        offset < source.count ? source[offset] : nil
    }

    private func error(_ reason: String) -> PatternError {
        PatternError(reason, at: offset)
    }

    /// Takes the text if it stands here.
    private mutating func take(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        guard source[offset...].starts(with: scalars) else { return false }
        offset += scalars.count
        return true
    }

    private mutating func nested<Value>(_ body: (inout Self) throws(PatternError) -> Value) throws(PatternError) -> Value {
        guard depth < Self.maximumDepth else { throw error("more than \(Self.maximumDepth) levels") }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }

    private mutating func alternatives(ignoringCase: Bool) throws(PatternError) -> [[PatternNode]] {
        var alternatives: [[PatternNode]] = []
        repeat {
            var sequence: [PatternNode] = []
            while let scalar = next, scalar != "|", scalar != ")" { sequence.append(try node(ignoringCase)) }
            alternatives.append(sequence)
        } while take("|")
        return alternatives
    }

    private mutating func node(_ ignoringCase: Bool) throws(PatternError) -> PatternNode {
        if take("$") { return .end }
        if next == "(" { return try group(ignoringCase) }
        let set = try atom(ignoringCase)
        return try quantified(set)
    }

    private mutating func group(_ ignoringCase: Bool) throws(PatternError) -> PatternNode {
        if take("(?=") { return try lookahead(ignoringCase, isNegated: false) }
        if take("(?!") { return try lookahead(ignoringCase, isNegated: true) }
        var ignoringCase = ignoringCase
        if take("(?i:") {
            ignoringCase = true
        } else if !take("(?:") {
            offset += 1
            if next == "?" { throw error("a kind of group that is not known") }
        }
        let inner = try nested { (parser) throws(PatternError) in try parser.alternatives(ignoringCase: ignoringCase) }
        guard take(")") else { throw error("'(' without ')'") }
        let isOptional = take("?")
        if let next, "*+?{".unicodeScalars.contains(next) { throw error("a repeated group, which is not supported") }
        return .group(inner, isOptional: isOptional)
    }

    private mutating func lookahead(_ ignoringCase: Bool, isNegated: Bool) throws(PatternError) -> PatternNode {
        let set = try atom(ignoringCase)
        guard take(")") else { throw error("lookahead of more than one character, which is not supported") }
        return .lookahead(set, isNegated: isNegated)
    }

    private mutating func quantified(_ set: ScalarSet) throws(PatternError) -> PatternNode {
        var (minimum, maximum) = (1, 1)
        if take("*") {
            (minimum, maximum) = (0, .max)
        } else if take("+") {
            maximum = .max
        } else if take("?") {
            minimum = 0
        } else if take("{") {
            minimum = try number() ?? 0
            maximum = take(",") ? try number() ?? .max : minimum
            guard take("}"), maximum >= max(minimum, 1) else { throw error("'{' that is no quantifier") }
        } else {
            return .scalars(set, minimum: 1, maximum: 1, isPossessive: false)
        }
        let isPossessive = take("+")
        if let next, "*+?{".unicodeScalars.contains(next) { throw error("a quantifier that is not supported") }
        return .scalars(set, minimum: minimum, maximum: maximum, isPossessive: isPossessive)
    }

    private mutating func number() throws(PatternError) -> Int? {
        var value: Int?
        while let digit = next?.value, (0x30...0x39).contains(digit) {
            value = (value ?? 0) * 10 + Int(digit - 0x30)
            offset += 1
            guard value ?? 0 <= 65_536 else { throw error("a number above 65536") }
        }
        return value
    }

    /// One scalar or a set of them.
    private mutating func atom(_ ignoringCase: Bool) throws(PatternError) -> ScalarSet {
        guard let scalar = next else { throw error("the end where a character was expected") }
        let set: ScalarSet
        if "*+?{^.".unicodeScalars.contains(scalar) { throw error("'\(scalar)', which is not supported here") }
        if take("[") {
            set = try nested { (parser) throws(PatternError) in try parser.set() }
        } else if scalar == "\\" {
            set = try escaped()
        } else {
            offset += 1
            set = ScalarSet([scalar.value...scalar.value])
        }
        return ignoringCase ? set.ignoringCase : set
    }

    /// The rest of a set in brackets.
    private mutating func set() throws(PatternError) -> ScalarSet {
        let isInverted = take("^")
        var (set, whole): (ScalarSet, ScalarSet?) = (ScalarSet(), nil)
        while !take("]") {
            guard next != nil else { throw error("'[' without ']'") }
            if take("&&") {
                whole = whole?.intersection(set) ?? set
                set = ScalarSet()
            } else if take("[") {
                if next == ":" { throw error("a named class, which is not supported") }
                set = set.union(try nested { (parser) throws(PatternError) in try parser.set() })
            } else {
                set = set.union(try item())
            }
        }
        let found = whole?.intersection(set) ?? set
        return isInverted ? found.inverted : found
    }

    /// A scalar, a range of them, or an escaped set.
    private mutating func item() throws(PatternError) -> ScalarSet {
        let first = try member()
        guard next == "-", offset + 1 < source.count, source[offset + 1] != "]", let low = first.single else { return first }
        offset += 1
        guard let high = try member().single, high >= low else { throw error("a range whose end is before its start") }
        return ScalarSet([low...high])
    }

    private mutating func member() throws(PatternError) -> ScalarSet {
        guard let scalar = next else { throw error("'[' without ']'") }
        if scalar == "\\" { return try escaped() }
        offset += 1
        return ScalarSet([scalar.value...scalar.value])
    }

    private mutating func escaped() throws(PatternError) -> ScalarSet {
        offset += 1
        guard let scalar = next else { throw error("'\\' at the end") }
        offset += 1
        switch scalar {
        case "r": return ScalarSet([0x0d...0x0d])
        case "n": return ScalarSet([0x0a...0x0a])
        case "t": return ScalarSet([0x09...0x09])
        case "s": return .whiteSpace
        case "S": return ScalarSet.whiteSpace.inverted
        case "d": return ScalarSet([.decimalNumber])
        case "D": return ScalarSet([.decimalNumber]).inverted
        case "p": return try property()
        case "P": return try property().inverted
        case "u": return try hexadecimal(digits: 4)
        case "x" where next == "{":
            offset += 1
            let set = try hexadecimal(digits: (source[offset...].firstIndex(of: "}") ?? offset) - offset)
            offset += 1
            return set
        case _ where scalar.properties.isAlphabetic || scalar.properties.numericType != nil:
            throw PatternError("'\\\(scalar)', which is not supported", at: offset - 2)
        default: return ScalarSet([scalar.value...scalar.value])
        }
    }

    /// `{Lu}`, or `{^Lu}`.
    private mutating func property() throws(PatternError) -> ScalarSet {
        guard take("{"), let end = source[offset...].firstIndex(of: "}") else { throw error("'\\p' without '{…}'") }
        let isInverted = take("^")
        let name = String(String.UnicodeScalarView(source[min(offset, end)..<end]))
        let set = name == "Han" ? ScalarSet.han : ScalarSet(GeneralCategory.named(name))
        guard !set.ranges.isEmpty else { throw error("a property '\(name)', which is not known") }
        offset = end + 1
        return isInverted ? set.inverted : set
    }

    /// The scalar of so many digits, as in `\uXXXX` and `\x{X…}`.
    private mutating func hexadecimal(digits count: Int) throws(PatternError) -> ScalarSet {
        let digits = String(String.UnicodeScalarView(source[offset...].prefix(count)))
        guard (1...6).contains(count), digits.utf8.count == count, let value = UInt32(digits, radix: 16), value <= ScalarSet.last else {
            throw error("'\\u' or '\\x' without the number of a character")
        }
        offset += count
        return ScalarSet([value...value])
    }
}

extension ScalarSet {
    /// The only scalar of the set; nil where there are none or several.
    fileprivate var single: UInt32? {
        guard ranges.count == 1, let range = ranges.first, range.count == 1 else { return nil }
        return range.lowerBound
    }
}

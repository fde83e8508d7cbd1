/// A parser's place in the tokens of a chat template, and how deep it is nested.
struct TemplateTokens {
    private let tokens: [TemplateToken]
    private var index = 0
    private var depth = 0

    /// Deeper nesting is refused, so that no template can exhaust the stack.
    private static let maximumDepth = 100

    init(_ tokens: [TemplateToken]) {
        self.tokens = tokens
    }

    /// The next token, left in place.
    var peek: TemplateToken.Kind {
        index < tokens.count ? tokens[index].kind : .end
    }

    /// The line of the next token.
    var line: Int {
        tokens.isEmpty ? 1 : tokens[min(index, tokens.count - 1)].line
    }

    mutating func next() -> TemplateToken.Kind {
        defer { index += 1 }
        return peek
    }

    /// Takes a symbol if it is next.
    mutating func take(_ symbol: String) -> Bool {
        guard peek == .symbol(symbol) else { return false }
        index += 1
        return true
    }

    /// Takes one of several symbols if it is next.
    mutating func take(anyOf symbols: [String]) -> String? {
        guard case .symbol(let symbol) = peek, symbols.contains(symbol) else { return nil }
        index += 1
        return symbol
    }

    /// Takes a name if it is next.
    mutating func takeName(_ name: String) -> Bool {
        guard peek == .name(name) else { return false }
        index += 1
        return true
    }

    mutating func expect(_ kind: TemplateToken.Kind, _ what: String) throws(TemplateError) {
        guard peek == kind else { throw TemplateError("expected \(what), found \(found)", line: line) }
        index += 1
    }

    /// Takes any name.
    mutating func name() throws(TemplateError) -> String {
        guard case .name(let name) = peek else { throw TemplateError("expected a name, found \(found)", line: line) }
        index += 1
        return name
    }

    /// Begins a part that may hold parts of its kind.
    mutating func enter() throws(TemplateError) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw TemplateError("nested more than \(Self.maximumDepth) deep", line: line) }
    }

    mutating func leave() {
        depth -= 1
    }

    /// Where the parser is, for ``mentions(_:since:)``.
    var position: Int {
        index
    }

    /// Whether a name was read since a position.
    func mentions(_ name: String, since position: Int) -> Bool {
        tokens[min(position, tokens.count)..<min(index, tokens.count)].contains { $0.kind == .name(name) }
    }

    /// What stands here, for messages.
    var found: String {
        switch peek {
        case .text: "text"
        case .beginOutput: "'{{'"
        case .endOutput: "'}}'"
        case .beginBlock: "'{%'"
        case .endBlock: "'%}'"
        case .name(let name), .symbol(let name): "'\(name)'"
        case .string: "a string"
        case .integer, .float: "a number"
        case .end: "the end of the template"
        }
    }
}

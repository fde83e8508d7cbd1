/// A parser's place in the tokens of a chat template, and how deep it is nested.
struct TemplateTokens {
    private let tokens: [TemplateToken]
    private var index = 0
    private var depth = 0
    private var links = 0

    /// Deeper nesting is refused, so that no template can exhaust the stack.
    private static let maximumDepth = 100
    /// Operators and suffixes in one expression, which nest as well.
    private static let maximumLinks = 1000

    init(_ tokens: [TemplateToken]) {
        self.tokens = tokens
    }

    /// The next token, left in place.
    var peek: TemplateToken.Kind {
        index < tokens.count ? tokens[index].kind : .end
    }

    /// The line of the next token.
    var line: Int {
        tokens[min(index, tokens.count - 1)].line
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

    /// Takes a name if it is next.
    mutating func takeName(_ name: String) -> Bool {
        guard peek == .name(name) else { return false }
        index += 1
        return true
    }

    mutating func expect(_ kind: TemplateToken.Kind, _ what: String) throws(TemplateError) {
        guard peek == kind else { throw TemplateError("expected \(what)", line: line) }
        index += 1
    }

    /// Takes any name.
    mutating func name() throws(TemplateError) -> String {
        guard case .name(let name) = peek else { throw TemplateError("expected a name", line: line) }
        index += 1
        return name
    }

    mutating func enter() throws(TemplateError) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw TemplateError("nested more than \(Self.maximumDepth) deep", line: line) }
    }

    mutating func leave() {
        depth -= 1
    }

    /// Counts an operator or suffix of the current expression.
    mutating func link() throws(TemplateError) {
        links += 1
        guard links <= Self.maximumLinks else { throw TemplateError("an expression of more than \(Self.maximumLinks) parts", line: line) }
    }

    /// A new expression begins in a tag of its own.
    mutating func beginExpression() {
        links = 0
    }
}

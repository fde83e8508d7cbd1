/// Parses expressions with Jinja's precedence, loosest first: conditional, or, and, not, comparisons, sums, `~`, products, powers, signs, and what
/// follows a value.
enum TemplateExpressionParser {
    /// `a if b if c` nests in the tree: more are refused.
    private static let maximumConditions = 10

    static func parse(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        try tokens.enter()
        defer { tokens.leave() }
        var value = try or(&tokens)
        var conditions = 0
        while tokens.takeName("if") {
            conditions += 1
            guard conditions <= Self.maximumConditions else { throw TemplateError("too many conditions in a row", line: tokens.line) }
            let test = try or(&tokens)
            value = .conditional(test, then: value, otherwise: tokens.takeName("else") ? try parse(&tokens) : nil)
        }
        return value
    }

    /// One expression, or several with commas between them, which make a tuple.
    ///
    /// - Parameter allowsCondition: whether an `if` behind it belongs to it; behind what a loop runs over it is the loop's.
    static func parseList(_ tokens: inout TemplateTokens, allowsCondition: Bool = true) throws(TemplateError) -> TemplateExpression {
        let line = tokens.line
        let first = allowsCondition ? try parse(&tokens) : try or(&tokens)
        guard tokens.peek == .symbol(",") else { return first }
        var values = [first]
        while tokens.take(",") {
            if tokens.peek == .endBlock || tokens.peek == .endOutput { break }
            values.append(allowsCondition ? try parse(&tokens) : try or(&tokens))
        }
        return .tuple(values, line: line)
    }

    private static func or(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var operands = [try and(&tokens)]
        while tokens.takeName("or") { operands.append(try and(&tokens)) }
        return operands.count == 1 ? operands[0] : .or(operands)
    }

    private static func and(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var operands = [try not(&tokens)]
        while tokens.takeName("and") { operands.append(try not(&tokens)) }
        return operands.count == 1 ? operands[0] : .and(operands)
    }

    private static func not(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var count = 0
        while tokens.takeName("not") { count += 1 }
        let value = try comparison(&tokens)
        return count == 0 ? value : count % 2 == 1 ? .not(value) : .not(.not(value))
    }

    private static func comparison(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        let line = tokens.line
        let first = try sum(&tokens)
        var rest: [(symbol: String, operand: TemplateExpression)] = []
        while true {
            if let symbol = tokens.take(anyOf: ["==", "!=", "<", "<=", ">", ">="]) {
                rest.append((symbol, try sum(&tokens)))
            } else if tokens.takeName("in") {
                rest.append(("in", try sum(&tokens)))
            } else if tokens.takeName("not") {
                guard tokens.takeName("in") else {
                    throw TemplateError("expected 'in' after 'not', found \(tokens.found)", line: tokens.line)
                }
                rest.append(("not in", try sum(&tokens)))
            } else {
                return rest.isEmpty ? first : .comparison(first, rest, line: line)
            }
        }
    }

    private static func sum(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        let line = tokens.line
        let first = try concatenation(&tokens)
        var rest: [(symbol: String, operand: TemplateExpression)] = []
        while let symbol = tokens.take(anyOf: ["+", "-"]) { rest.append((symbol, try concatenation(&tokens))) }
        return rest.isEmpty ? first : .arithmetic(first, rest, line: line)
    }

    private static func concatenation(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        let line = tokens.line
        var operands = [try product(&tokens)]
        while tokens.take("~") { operands.append(try product(&tokens)) }
        return operands.count == 1 ? operands[0] : .concatenation(operands, line: line)
    }

    private static func product(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        let line = tokens.line
        let first = try power(&tokens)
        var rest: [(symbol: String, operand: TemplateExpression)] = []
        while let symbol = tokens.take(anyOf: ["*", "/", "//", "%"]) { rest.append((symbol, try power(&tokens))) }
        return rest.isEmpty ? first : .arithmetic(first, rest, line: line)
    }

    private static func power(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        let line = tokens.line
        let first = try TemplateOperandParser.parse(&tokens)
        var rest: [(symbol: String, operand: TemplateExpression)] = []
        while tokens.take("**") { rest.append(("**", try TemplateOperandParser.parse(&tokens))) }
        return rest.isEmpty ? first : .arithmetic(first, rest, line: line)
    }
}

/// Parses expressions by precedence: conditional, or, and, not, comparisons, `~`, sums, products, powers, signs, and what follows a value.
enum TemplateExpressionParser {
    static func parse(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        try tokens.enter()
        defer { tokens.leave() }
        let value = try or(&tokens)
        guard tokens.takeName("if") else { return value }
        let test = try or(&tokens)
        return .conditional(test, then: value, otherwise: tokens.takeName("else") ? try parse(&tokens) : nil)
    }

    /// What a loop runs over: an `if` after it is the loop's.
    static func parseWithoutCondition(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        try or(&tokens)
    }

    private static func or(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var left = try and(&tokens)
        while tokens.takeName("or") {
            try tokens.link()
            left = .binary(left, "or", try and(&tokens), line: tokens.line)
        }
        return left
    }

    private static func and(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var left = try not(&tokens)
        while tokens.takeName("and") {
            try tokens.link()
            left = .binary(left, "and", try not(&tokens), line: tokens.line)
        }
        return left
    }

    private static func not(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var count = 0
        while tokens.takeName("not") { count += 1 }
        let value = try comparison(&tokens)
        return count == 0 ? value : count % 2 == 1 ? .not(value) : .not(.not(value))
    }

    private static func comparison(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var left = try concatenation(&tokens)
        while true {
            let line = tokens.line
            try tokens.link()
            if case .symbol(let symbol) = tokens.peek, ["==", "!=", "<", "<=", ">", ">="].contains(symbol) {
                _ = tokens.next()
                left = .binary(left, symbol, try concatenation(&tokens), line: line)
            } else if tokens.takeName("in") {
                left = .binary(left, "in", try concatenation(&tokens), line: line)
            } else if tokens.peek == .name("not") {
                _ = tokens.next()
                guard tokens.takeName("in") else { throw TemplateError("expected 'in' after 'not'", line: line) }
                left = .not(.binary(left, "in", try concatenation(&tokens), line: line))
            } else {
                return left
            }
        }
    }

    private static func concatenation(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var left = try sum(&tokens)
        while tokens.take("~") {
            try tokens.link()
            left = .binary(left, "~", try sum(&tokens), line: tokens.line)
        }
        return left
    }

    private static func sum(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var left = try product(&tokens)
        while case .symbol(let symbol) = tokens.peek, symbol == "+" || symbol == "-" {
            let line = tokens.line
            try tokens.link()
            _ = tokens.next()
            left = .binary(left, symbol, try product(&tokens), line: line)
        }
        return left
    }

    private static func product(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var left = try sign(&tokens)
        while case .symbol(let symbol) = tokens.peek, ["*", "/", "//", "%"].contains(symbol) {
            let line = tokens.line
            try tokens.link()
            _ = tokens.next()
            left = .binary(left, symbol, try sign(&tokens), line: line)
        }
        return left
    }

    private static func sign(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        try tokens.enter()
        defer { tokens.leave() }
        let line = tokens.line
        if tokens.take("-") { return .negative(try sign(&tokens), line: line) }
        if tokens.take("+") { return try sign(&tokens) }
        return try suffixes(of: try primary(&tokens), &tokens)
    }

    private static func suffixes(of value: TemplateExpression, _ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var value = value
        while true {
            let line = tokens.line
            try tokens.link()
            if tokens.take(".") {
                if case .integer(let index) = tokens.peek {
                    _ = tokens.next()
                    value = .member(value, .literal(.integer(index)), line: line)
                } else {
                    value = .member(value, .literal(.string(try tokens.name())), line: line)
                }
            } else if tokens.take("[") {
                value = try subscripted(value, &tokens, line)
            } else if tokens.take("(") {
                value = .call(value, try arguments(&tokens), line: line)
            } else if tokens.take("|") {
                let name = try tokens.name()
                value = .filter(value, name, tokens.take("(") ? try arguments(&tokens) : TemplateArguments(), line: line)
            } else if tokens.takeName("is") {
                let isNegated = tokens.takeName("not")
                let name = try tokens.name()
                value = .test(value, name, try testArguments(&tokens), isNegated: isNegated, line: line)
            } else {
                return value
            }
        }
    }

    /// A test takes arguments in parentheses, or one value without them: `x is divisibleby 2`.
    private static func testArguments(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateArguments {
        if tokens.take("(") { return try arguments(&tokens) }
        switch tokens.peek {
        case .string, .integer, .float: return TemplateArguments(positional: [try primary(&tokens)])
        default: return TemplateArguments()
        }
    }

    private static func subscripted(
        _ value: TemplateExpression,
        _ tokens: inout TemplateTokens,
        _ line: Int
    ) throws(TemplateError) -> TemplateExpression {
        var parts: [TemplateExpression?] = [nil]
        while !tokens.take("]") {
            if tokens.take(":") {
                parts.append(nil)
            } else {
                guard parts[parts.count - 1] == nil else { throw TemplateError("expected ':' or ']'", line: tokens.line) }
                parts[parts.count - 1] = try parse(&tokens)
            }
            guard parts.count <= 3 else { throw TemplateError("a slice has at most three parts", line: line) }
        }
        if parts.count == 1 {
            guard let key = parts[0] else { throw TemplateError("expected an index", line: line) }
            return .member(value, key, line: line)
        }
        return .slice(value, start: parts[0], end: parts[1], step: parts.count > 2 ? parts[2] : nil, line: line)
    }

    private static func arguments(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateArguments {
        var arguments = TemplateArguments()
        while !tokens.take(")") {
            let value = try parse(&tokens)
            if case .name(let name, _) = value, tokens.take("=") {
                arguments.named.append((name, try parse(&tokens)))
            } else {
                arguments.positional.append(value)
            }
            if !tokens.take(","), tokens.peek != .symbol(")") { throw TemplateError("expected ',' or ')'", line: tokens.line) }
        }
        return arguments
    }

    private static func primary(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        let line = tokens.line
        switch tokens.next() {
        case .string(var text):
            // Strings side by side are one.
            while case .string(let more) = tokens.peek {
                text += more
                _ = tokens.next()
            }
            return .literal(.string(text))
        case .integer(let value): return .literal(.integer(value))
        case .float(let value): return .literal(.float(value))
        case .name("true"), .name("True"): return .literal(.bool(true))
        case .name("false"), .name("False"): return .literal(.bool(false))
        case .name("none"), .name("None"): return .literal(.none)
        case .name(let name): return .name(name, line: line)
        case .symbol("("):
            if tokens.take(")") { return .list([]) }
            var values = [try parse(&tokens)]
            var isTuple = false
            while tokens.take(",") {
                isTuple = true
                if tokens.peek != .symbol(")") { values.append(try parse(&tokens)) }
            }
            try tokens.expect(.symbol(")"), "')'")
            return isTuple ? .list(values) : values[0]
        case .symbol("["):
            var values: [TemplateExpression] = []
            while !tokens.take("]") {
                values.append(try parse(&tokens))
                if !tokens.take(","), tokens.peek != .symbol("]") { throw TemplateError("expected ',' or ']'", line: tokens.line) }
            }
            return .list(values)
        case .symbol("{"):
            var members: [(TemplateExpression, TemplateExpression)] = []
            while !tokens.take("}") {
                let key = try parse(&tokens)
                try tokens.expect(.symbol(":"), "':'")
                members.append((key, try parse(&tokens)))
                if !tokens.take(","), tokens.peek != .symbol("}") { throw TemplateError("expected ',' or '}'", line: tokens.line) }
            }
            return .mapping(members)
        default: throw TemplateError("expected a value", line: line)
        }
    }
}

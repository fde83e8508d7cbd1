/// Parses what operators stand between: signs, values, and what follows a value (members, calls, filters, tests).
enum TemplateOperandParser {
    /// Suffixes in a row nest in the tree: more are refused.
    private static let maximumSuffixes = 50

    static func parse(_ tokens: inout TemplateTokens, takesFilters: Bool = true) throws(TemplateError) -> TemplateExpression {
        try tokens.enter()
        defer { tokens.leave() }
        let line = tokens.line
        var value: TemplateExpression
        if let symbol = tokens.take(anyOf: ["-", "+"]) {
            // A filter behind a signed value takes the sign with it.
            value = .sign(try parse(&tokens, takesFilters: false), isNegative: symbol == "-", line: line)
        } else {
            value = try primary(&tokens)
        }
        value = try members(of: value, &tokens)
        return takesFilters ? try filters(of: value, &tokens) : value
    }

    /// `.name`, `[key]` and calls.
    private static func members(of value: TemplateExpression, _ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var value = value
        for _ in 0..<Self.maximumSuffixes {
            let line = tokens.line
            if tokens.take(".") {
                if case .integer(let index) = tokens.peek {
                    _ = tokens.next()
                    value = .item(value, .literal(.integer(index)), line: line)
                } else {
                    value = .attribute(value, try tokens.name(), line: line)
                }
            } else if tokens.take("[") {
                value = try subscripted(value, &tokens, line)
            } else if tokens.take("(") {
                value = .call(value, try arguments(&tokens), line: line)
            } else {
                return value
            }
        }
        throw TemplateError("more than \(Self.maximumSuffixes) members in a row", line: tokens.line)
    }

    /// `| filter`, `is test`, and calls of their results.
    private static func filters(of value: TemplateExpression, _ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        var value = value
        for _ in 0..<Self.maximumSuffixes {
            let line = tokens.line
            if tokens.take("|") {
                let call = try filterCall(&tokens)
                value = .filter(value, call.name, call.arguments, line: line)
            } else if tokens.takeName("is") {
                let isNegated = tokens.takeName("not")
                let name = try tokens.name()
                value = .test(value, name, try testArguments(&tokens), isNegated: isNegated, line: line)
            } else if tokens.take("(") {
                value = .call(value, try arguments(&tokens), line: line)
            } else {
                return value
            }
        }
        throw TemplateError("more than \(Self.maximumSuffixes) filters in a row", line: tokens.line)
    }

    /// A filter's name and arguments.
    static func filterCall(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateFilterCall {
        let name = try tokens.name()
        return TemplateFilterCall(name: name, arguments: tokens.take("(") ? try arguments(&tokens) : TemplateArguments())
    }

    /// A test takes arguments in parentheses, or one value without them: `x is divisibleby 2`.
    private static func testArguments(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateArguments {
        if tokens.take("(") { return try arguments(&tokens) }
        switch tokens.peek {
        case .name("is"): throw TemplateError("tests cannot be chained with 'is'", line: tokens.line)
        case .name("else"), .name("or"), .name("and"), .name("if"), .name("in"), .name("not"): return TemplateArguments()
        case .name, .string, .integer, .float, .symbol("["), .symbol("{"):
            return TemplateArguments(positional: [try members(of: try primary(&tokens), &tokens)])
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
                guard parts[parts.count - 1] == nil else {
                    throw TemplateError("expected ':' or ']', found \(tokens.found)", line: tokens.line)
                }
                parts[parts.count - 1] = try TemplateExpressionParser.parse(&tokens)
            }
            guard parts.count <= 3 else { throw TemplateError("a slice has at most three parts", line: line) }
        }
        if parts.count == 1 {
            guard let key = parts[0] else { throw TemplateError("expected an index", line: line) }
            return .item(value, key, line: line)
        }
        return .slice(value, start: parts[0], end: parts[1], step: parts.count > 2 ? parts[2] : nil, line: line)
    }

    /// Arguments up to the closing parenthesis.
    private static func arguments(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateArguments {
        var arguments = TemplateArguments()
        while !tokens.take(")") {
            if let symbol = tokens.take(anyOf: ["*", "**"]) {
                guard arguments.moreNamed == nil, symbol == "**" || arguments.morePositional == nil else {
                    throw TemplateError("unexpected '\(symbol)' in arguments", line: tokens.line)
                }
                let value = try TemplateExpressionParser.parse(&tokens)
                if symbol == "*" { arguments.morePositional = value } else { arguments.moreNamed = value }
                try separator(")", &tokens)
                continue
            }
            let value = try TemplateExpressionParser.parse(&tokens)
            guard arguments.moreNamed == nil else {
                throw TemplateError("an argument follows those of a mapping", line: tokens.line)
            }
            if case .name(let name, _) = value, tokens.take("=") {
                arguments.named.append((name, try TemplateExpressionParser.parse(&tokens)))
            } else {
                guard arguments.named.isEmpty, arguments.morePositional == nil else {
                    throw TemplateError("an argument without a name follows others", line: tokens.line)
                }
                arguments.positional.append(value)
            }
            try separator(")", &tokens)
        }
        return arguments
    }

    private static func separator(_ close: String, _ tokens: inout TemplateTokens) throws(TemplateError) {
        guard tokens.take(",") || tokens.peek == .symbol(close) else {
            throw TemplateError("expected ',' or '\(close)', found \(tokens.found)", line: tokens.line)
        }
    }

    private static func primary(_ tokens: inout TemplateTokens) throws(TemplateError) -> TemplateExpression {
        let (line, found) = (tokens.line, tokens.found)
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
        case .symbol("("): return try parenthesized(&tokens, line)
        case .symbol("["):
            var values: [TemplateExpression] = []
            while !tokens.take("]") {
                values.append(try TemplateExpressionParser.parse(&tokens))
                try separator("]", &tokens)
            }
            return .list(values, line: line)
        case .symbol("{"):
            var members: [(key: TemplateExpression, value: TemplateExpression)] = []
            while !tokens.take("}") {
                let key = try TemplateExpressionParser.parse(&tokens)
                try tokens.expect(.symbol(":"), "':'")
                members.append((key, try TemplateExpressionParser.parse(&tokens)))
                try separator("}", &tokens)
            }
            return .mapping(members, line: line)
        default: throw TemplateError("expected a value, found \(found)", line: line)
        }
    }

    /// A value in parentheses, or with a comma a tuple.
    private static func parenthesized(_ tokens: inout TemplateTokens, _ line: Int) throws(TemplateError) -> TemplateExpression {
        if tokens.take(")") { return .tuple([], line: line) }
        var values = [try TemplateExpressionParser.parse(&tokens)]
        var isTuple = false
        while tokens.take(",") {
            isTuple = true
            if tokens.peek != .symbol(")") { values.append(try TemplateExpressionParser.parse(&tokens)) }
        }
        try tokens.expect(.symbol(")"), "')'")
        return isTuple ? .tuple(values, line: line) : values[0]
    }
}

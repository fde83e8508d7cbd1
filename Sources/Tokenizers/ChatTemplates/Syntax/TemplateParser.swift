/// Parses a chat template's statements; ``TemplateExpressionParser`` parses what stands in them.
struct TemplateParser {
    private var tokens: TemplateTokens
    /// How many loops are around, in the same macro.
    private var loops = 0

    /// The nodes of a template.
    static func parse(_ source: String) throws(TemplateError) -> [TemplateNode] {
        var parser = TemplateParser(tokens: TemplateTokens(try TemplateLexer.tokens(of: source)))
        let (nodes, _) = try parser.nodes(until: [], of: 1)
        return nodes
    }

    /// Nodes up to a block of one of these names, which is taken; up to the end where no name is given. The line is that of what they are in.
    private mutating func nodes(until ends: [String], of start: Int) throws(TemplateError) -> ([TemplateNode], end: String) {
        try tokens.enter()
        defer { tokens.leave() }
        var nodes: [TemplateNode] = []
        while true {
            let line = tokens.line
            switch tokens.peek {
            case .text(let text):
                _ = tokens.next()
                nodes.append(.text(text))
            case .beginOutput:
                _ = tokens.next()
                nodes.append(.output(try TemplateExpressionParser.parseList(&tokens), line: line))
                try tokens.expect(.endOutput, "'}}'")
            case .beginBlock:
                _ = tokens.next()
                let name = try tokens.name()
                if ends.contains(name) { return (nodes, name) }
                nodes.append(try statement(name, line))
            case .end where ends.isEmpty: return (nodes, "")
            default:
                throw TemplateError(
                    "expected \(ends.joined(separator: " or ")) for the block of line \(start), found \(tokens.found)",
                    line: line
                )
            }
        }
    }

    /// The body of a block that begins at a line, from the end of its opening tag to its end tag, which has nothing but its name.
    private mutating func body(until end: String, of line: Int) throws(TemplateError) -> [TemplateNode] {
        try endTag()
        // What it prints is a value of its own: loops around it are not left from within.
        let outer = loops
        if end != "endfor", end != "endif", end != "endwith" { loops = 0 }
        let (body, _) = try nodes(until: [end], of: line)
        loops = outer
        try endTag()
        return body
    }

    private mutating func endTag() throws(TemplateError) {
        try tokens.expect(.endBlock, "'%}'")
    }

    private mutating func expression() throws(TemplateError) -> TemplateExpression {
        try TemplateExpressionParser.parse(&tokens)
    }

    private mutating func statement(_ name: String, _ line: Int) throws(TemplateError) -> TemplateNode {
        switch name {
        case "if": return try condition(line)
        case "for": return try loop(line)
        case "set": return try assignment(line)
        case "macro":
            let name = try tokens.name()
            try tokens.expect(.symbol("("), "'('")
            return .macro(try macro(name, until: "endmacro", line))
        case "call": return try call(line)
        case "filter":
            let filters = try filterCalls()
            return .filtered(try body(until: "endfilter", of: line), filters: filters, line: line)
        case "with": return try with(line)
        case "generation": return .with([], try body(until: "endgeneration", of: line))
        case "break", "continue":
            guard loops > 0 else { throw TemplateError("'\(name)' outside a loop", line: line) }
            try endTag()
            return name == "break" ? .breakLoop : .continueLoop
        default: throw TemplateError("the statement '\(name)' is not supported here", line: line)
        }
    }

    private mutating func condition(_ line: Int) throws(TemplateError) -> TemplateNode {
        var branches: [(test: TemplateExpression, body: [TemplateNode])] = []
        while true {
            let test = try TemplateExpressionParser.parseList(&tokens, allowsCondition: false)
            try endTag()
            let (body, end) = try nodes(until: ["elif", "else", "endif"], of: line)
            branches.append((test, body))
            switch end {
            case "elif": continue
            case "else": return .condition(branches, otherwise: try self.body(until: "endif", of: line), line: line)
            default:
                try endTag()
                return .condition(branches, otherwise: [], line: line)
            }
        }
    }

    private mutating func loop(_ line: Int) throws(TemplateError) -> TemplateNode {
        let target = try target()
        guard tokens.takeName("in") else { throw TemplateError("expected 'in', found \(tokens.found)", line: tokens.line) }
        let source = try TemplateExpressionParser.parseList(&tokens, allowsCondition: false)
        let filter = tokens.takeName("if") ? try expression() : nil
        let isRecursive = tokens.takeName("recursive")
        try endTag()
        loops += 1
        let (body, end) = try nodes(until: ["else", "endfor"], of: line)
        loops -= 1
        var otherwise: [TemplateNode] = []
        if end == "else" { otherwise = try self.body(until: "endfor", of: line) } else { try endTag() }
        return .loop(
            TemplateLoop(
                target: target,
                source: source,
                filter: filter,
                body: body,
                otherwise: otherwise,
                isRecursive: isRecursive,
                line: line
            )
        )
    }

    /// What is assigned to: one target, or several with commas between them.
    private mutating func target() throws(TemplateError) -> TemplateTarget {
        try tokens.enter()
        defer { tokens.leave() }
        var targets = [try singleTarget()]
        var isTuple = false
        while tokens.take(",") {
            isTuple = true
            switch tokens.peek {
            case .name("in"), .symbol("="), .symbol(")"), .endBlock: break
            default: targets.append(try singleTarget())
            }
        }
        return isTuple ? .several(targets) : targets[0]
    }

    /// A name, a namespace's member, or targets in parentheses.
    private mutating func singleTarget() throws(TemplateError) -> TemplateTarget {
        if tokens.take("(") {
            let target = try target()
            try tokens.expect(.symbol(")"), "')'")
            return target
        }
        let name = try tokens.name()
        return tokens.take(".") ? .member(of: name, try tokens.name()) : .name(name)
    }

    private mutating func assignment(_ line: Int) throws(TemplateError) -> TemplateNode {
        let target = try target()
        if tokens.take("=") {
            let value = try TemplateExpressionParser.parseList(&tokens)
            try endTag()
            return .assign(target, value, line: line)
        }
        var filters: [TemplateFilterCall] = []
        if tokens.take("|") { filters = try filterCalls() }
        return .assignBlock(target, try body(until: "endset", of: line), filters: filters, line: line)
    }

    /// Filters with `|` between them.
    private mutating func filterCalls() throws(TemplateError) -> [TemplateFilterCall] {
        var filters = [try TemplateOperandParser.filterCall(&tokens)]
        while tokens.take("|") { filters.append(try TemplateOperandParser.filterCall(&tokens)) }
        return filters
    }

    /// A macro from behind the opening parenthesis of its parameters.
    private mutating func macro(_ name: String, until end: String, _ line: Int) throws(TemplateError) -> TemplateMacro {
        var parameters: [(name: String, fallback: TemplateExpression?)] = []
        while !tokens.take(")") {
            let parameter = try tokens.name()
            parameters.append((parameter, tokens.take("=") ? try expression() : nil))
            guard tokens.take(",") || tokens.peek == .symbol(")") else {
                throw TemplateError("expected ',' or ')', found \(tokens.found)", line: tokens.line)
            }
        }
        return try macro(name, parameters, until: end, line)
    }

    private mutating func macro(
        _ name: String,
        _ parameters: [(name: String, fallback: TemplateExpression?)],
        until end: String,
        _ line: Int
    ) throws(TemplateError) -> TemplateMacro {
        let start = tokens.position
        return TemplateMacro(
            name: name,
            parameters: parameters,
            body: try body(until: end, of: line),
            takesMorePositional: tokens.mentions("varargs", since: start),
            takesMoreNamed: tokens.mentions("kwargs", since: start),
            takesCaller: tokens.mentions("caller", since: start),
            line: line
        )
    }

    private mutating func call(_ line: Int) throws(TemplateError) -> TemplateNode {
        var parameters: [(name: String, fallback: TemplateExpression?)] = []
        if tokens.take("(") {
            while !tokens.take(")") {
                parameters.append((try tokens.name(), tokens.take("=") ? try expression() : nil))
                _ = tokens.take(",")
            }
        }
        let value = try expression()
        guard case .call = value else { throw TemplateError("a call block wants a call", line: line) }
        return .call(value, caller: try macro("caller", parameters, until: "endcall", line), line: line)
    }

    private mutating func with(_ line: Int) throws(TemplateError) -> TemplateNode {
        var values: [(name: String, value: TemplateExpression)] = []
        while tokens.peek != .endBlock {
            let name = try tokens.name()
            try tokens.expect(.symbol("="), "'='")
            values.append((name, try expression()))
            guard tokens.take(",") || tokens.peek == .endBlock else {
                throw TemplateError("expected ',', found \(tokens.found)", line: tokens.line)
            }
        }
        return .with(values, try body(until: "endwith", of: line))
    }
}

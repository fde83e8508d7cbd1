/// Parses a chat template's statements; ``TemplateExpressionParser`` parses what stands in them.
struct TemplateParser {
    private var cursor: TemplateTokens

    /// The nodes of a template.
    static func parse(_ source: String) throws(TemplateError) -> [TemplateNode] {
        var parser = TemplateParser(cursor: TemplateTokens(try TemplateLexer.tokens(of: source)))
        let (nodes, _) = try parser.nodes(until: [])
        return nodes
    }

    /// Nodes up to a block of one of these names, which is taken; up to the end where no name is given.
    private mutating func nodes(until ends: Set<String>) throws(TemplateError) -> ([TemplateNode], end: String) {
        try cursor.enter()
        defer { cursor.leave() }
        let start = cursor.line
        var nodes: [TemplateNode] = []
        while true {
            switch cursor.next() {
            case .text(let text): nodes.append(.text(text))
            case .beginOutput:
                cursor.beginExpression()
                nodes.append(.output(try expression()))
                try cursor.expect(.endOutput, "'}}'")
            case .beginBlock:
                cursor.beginExpression()
                let name = try cursor.name()
                if ends.contains(name) { return (nodes, name) }
                nodes.append(try statement(name))
            case .end:
                guard ends.isEmpty else {
                    throw TemplateError("a block that begins here has no \(ends.sorted().joined(separator: " or "))", line: start)
                }
                return (nodes, "")
            default: throw TemplateError("unexpected token", line: cursor.line)
            }
        }
    }

    /// A block whose end tag has nothing but its name.
    private mutating func block(until end: String) throws(TemplateError) -> [TemplateNode] {
        let (body, _) = try nodes(until: [end])
        try endBlock()
        return body
    }

    private mutating func endBlock() throws(TemplateError) {
        try cursor.expect(.endBlock, "'%}'")
    }

    private mutating func expression() throws(TemplateError) -> TemplateExpression {
        try TemplateExpressionParser.parse(&cursor)
    }

    private mutating func statement(_ name: String) throws(TemplateError) -> TemplateNode {
        let line = cursor.line
        switch name {
        case "if": return try condition()
        case "for": return try loop(line)
        case "set": return try assignment(line)
        case "macro": return .macro(try macro())
        case "generation":
            try endBlock()
            return .group(try block(until: "endgeneration"))
        case "break":
            try endBlock()
            return .breakLoop
        case "continue":
            try endBlock()
            return .continueLoop
        default: throw TemplateError("the statement '\(name)' is not supported", line: line)
        }
    }

    private mutating func condition() throws(TemplateError) -> TemplateNode {
        var branches: [(test: TemplateExpression, body: [TemplateNode])] = []
        while true {
            let test = try expression()
            try endBlock()
            let (body, end) = try nodes(until: ["elif", "else", "endif"])
            branches.append((test, body))
            if end == "elif" { continue }
            try endBlock()
            return .condition(branches, otherwise: end == "else" ? try block(until: "endif") : [])
        }
    }

    private mutating func loop(_ line: Int) throws(TemplateError) -> TemplateNode {
        var names = [try cursor.name()]
        while cursor.take(",") { names.append(try cursor.name()) }
        guard try cursor.name() == "in" else { throw TemplateError("expected 'in'", line: line) }
        let source = try TemplateExpressionParser.parseWithoutCondition(&cursor)
        var filter: TemplateExpression?
        if cursor.takeName("if") { filter = try expression() }
        if cursor.takeName("recursive") { throw TemplateError("recursive loops are not supported", line: line) }
        try endBlock()
        let (body, end) = try nodes(until: ["else", "endfor"])
        try endBlock()
        let otherwise = end == "else" ? try block(until: "endfor") : []
        return .loop(TemplateLoop(names: names, source: source, filter: filter, body: body, otherwise: otherwise, line: line))
    }

    private mutating func assignment(_ line: Int) throws(TemplateError) -> TemplateNode {
        let name = try cursor.name()
        if cursor.take(".") {
            let member = try cursor.name()
            try cursor.expect(.symbol("="), "'='")
            let value = try expression()
            try endBlock()
            return .assignMember(name, member, value, line: line)
        }
        var names = [name]
        while cursor.take(",") { names.append(try cursor.name()) }
        if names.count == 1, cursor.peek == .endBlock {
            try endBlock()
            return .assignBlock(name, try block(until: "endset"))
        }
        try cursor.expect(.symbol("="), "'='")
        var value = try expression()
        if cursor.peek == .symbol(",") {
            var values = [value]
            while cursor.take(",") { values.append(try expression()) }
            value = .list(values)
        }
        try endBlock()
        return .assign(names, value, line: line)
    }

    private mutating func macro() throws(TemplateError) -> TemplateMacro {
        let name = try cursor.name()
        try cursor.expect(.symbol("("), "'('")
        var parameters: [(name: String, fallback: TemplateExpression?)] = []
        while !cursor.take(")") {
            let parameter = try cursor.name()
            parameters.append((parameter, cursor.take("=") ? try expression() : nil))
            if !cursor.take(","), cursor.peek != .symbol(")") { throw TemplateError("expected ',' or ')'", line: cursor.line) }
        }
        try endBlock()
        return TemplateMacro(name: name, parameters: parameters, body: try block(until: "endmacro"))
    }
}

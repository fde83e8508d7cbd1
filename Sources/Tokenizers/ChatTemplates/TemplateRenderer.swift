/// Runs a chat template: statements. Work and output are bounded.
struct TemplateRenderer {
    private enum Flow {
        case normal, breakLoop, continueLoop
    }

    var scope: TemplateScope
    let clock: @Sendable (String) -> String
    private var output: [UInt8] = []
    private var work = 0
    private var depth = 0

    /// More steps than any template takes for a chat that fits a context.
    private static let maximumWork = 5_000_000
    private static let maximumOutput = 64 << 20
    private static let maximumDepth = 60

    init(variables: [String: TemplateValue], clock: @escaping @Sendable (String) -> String) {
        scope = TemplateScope(variables)
        self.clock = clock
    }

    /// Renders nodes and returns what they print.
    mutating func render(_ nodes: [TemplateNode]) throws(TemplateError) -> String {
        let outer = output
        output = []
        defer { output = outer }
        _ = try run(nodes)
        return String(decoding: output, as: UTF8.self)
    }

    /// Counts a step.
    mutating func step(line: Int) throws(TemplateError) {
        work += 1
        guard work <= Self.maximumWork else { throw TemplateError("the template runs for too long", line: line) }
    }

    private mutating func run(_ nodes: [TemplateNode]) throws(TemplateError) -> Flow {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw TemplateError("the template is nested too deep") }
        for node in nodes {
            let flow = try run(node)
            if flow != .normal { return flow }
        }
        return .normal
    }

    private mutating func run(_ node: TemplateNode) throws(TemplateError) -> Flow {
        try step(line: 0)
        switch node {
        case .text(let text): try write(text)
        case .output(let expression): try write(try evaluate(expression).text)
        case .condition(let branches, let otherwise):
            for branch in branches where try evaluate(branch.test).isTrue { return try run(branch.body) }
            return try run(otherwise)
        case .loop(let loop): try run(loop)
        case .assign(let names, let expression, let line): try assign(names, try evaluate(expression), line)
        case .assignMember(let name, let member, let expression, let line):
            guard case .object(let object)? = scope[name], object.macro == nil else {
                throw TemplateError("'\(name)' is not a namespace", line: line)
            }
            let value = try evaluate(expression)
            object.members.removeAll { $0.key == member }
            object.members.append((member, value))
        case .assignBlock(let name, let body): scope.set(name, .string(try render(body)))
        case .macro(let macro): scope.set(macro.name, .object(TemplateObject(macro: macro)))
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        case .group(let body): return try run(body)
        }
        return .normal
    }

    private mutating func write(_ text: String) throws(TemplateError) {
        guard output.count + text.utf8.count <= Self.maximumOutput else {
            throw TemplateError("the prompt is longer than \(Self.maximumOutput) bytes")
        }
        output += text.utf8
    }

    private mutating func assign(_ names: [String], _ value: TemplateValue, _ line: Int) throws(TemplateError) {
        guard names.count > 1 else { return scope.set(names[0], value) }
        guard case .list(let values) = value, values.count == names.count else {
            throw TemplateError("\(value.typeName) cannot be taken apart into \(names.count) names", line: line)
        }
        for (name, value) in zip(names, values) { scope.set(name, value) }
    }

    private mutating func run(_ loop: TemplateLoop) throws(TemplateError) {
        var items = try items(of: try evaluate(loop.source), line: loop.line)
        if let filter = loop.filter {
            var kept: [TemplateValue] = []
            for item in items {
                scope.push()
                defer { scope.pop() }
                try assign(loop.names, item, loop.line)
                if try evaluate(filter).isTrue { kept.append(item) }
            }
            items = kept
        }
        guard !items.isEmpty else {
            _ = try run(loop.otherwise)
            return
        }
        for (index, item) in items.enumerated() {
            try step(line: loop.line)
            scope.push()
            defer { scope.pop() }
            try assign(loop.names, item, loop.line)
            scope.set("loop", Self.loopVariable(index, items))
            if try run(loop.body) == .breakLoop { return }
        }
    }

    /// What a loop runs over: a list, a mapping's keys, a text's characters.
    func items(of value: TemplateValue, line: Int) throws(TemplateError) -> [TemplateValue] {
        switch value {
        case .list(let values): return values
        case .mapping(let members): return members.map { .string($0.key) }
        case .string(let text): return text.unicodeScalars.map { .string(String(Character($0))) }
        case .undefined: return []
        default: throw TemplateError("\(value.typeName) cannot be looped over", line: line)
        }
    }

    private static func loopVariable(_ index: Int, _ items: [TemplateValue]) -> TemplateValue {
        .mapping([
            ("index", .integer(index + 1)), ("index0", .integer(index)), ("first", .bool(index == 0)),
            ("last", .bool(index + 1 == items.count)), ("length", .integer(items.count)), ("revindex", .integer(items.count - index)),
            ("revindex0", .integer(items.count - index - 1)), ("previtem", index > 0 ? items[index - 1] : .undefined),
            ("nextitem", index + 1 < items.count ? items[index + 1] : .undefined),
        ])
    }

    /// Calls a macro: its own scope over the template's names, and what it prints as its value.
    mutating func call(
        _ macro: TemplateMacro,
        _ positional: [TemplateValue],
        _ named: [(name: String, value: TemplateValue)],
        line: Int
    ) throws(TemplateError) -> TemplateValue {
        guard positional.count <= macro.parameters.count else {
            throw TemplateError("macro '\(macro.name)' takes \(macro.parameters.count) arguments", line: line)
        }
        let outer = scope
        scope = outer.outermost
        scope.push()
        defer { scope = outer }
        for (index, parameter) in macro.parameters.enumerated() {
            if index < positional.count {
                scope.set(parameter.name, positional[index])
            } else if let argument = named.first(where: { $0.name == parameter.name }) {
                scope.set(parameter.name, argument.value)
            } else {
                scope.set(
                    parameter.name,
                    try parameter.fallback.map { fallback throws(TemplateError) in try evaluate(fallback) } ?? .undefined
                )
            }
        }
        return .string(try render(macro.body))
    }
}

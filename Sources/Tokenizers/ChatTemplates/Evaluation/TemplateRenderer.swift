import ModelFiles

/// Runs a chat template: its statements here, its expressions in the extensions. Work, depth and output are bounded.
struct TemplateRenderer {
    private enum Flow {
        case normal, breakLoop, continueLoop
    }

    var scopes: TemplateScopes
    var budget = TemplateBudget()
    var namespaces: [[(key: TemplateValue, value: TemplateValue)]] = []
    var macros: [(macro: TemplateMacro, scope: Int)] = []
    var loops: [TemplateLoopState] = []
    let clock: @Sendable (String) -> String
    private var output: [UInt8] = []
    private var depth = 0
    /// The line of the statement that runs: what goes wrong without a line of its own is put down to it.
    private var line = 0

    /// Statements and expressions inside one another, macros that call macros included: more could exhaust a thread's stack.
    private static let maximumDepth = 250

    init(variables: [String: TemplateValue], clock: @escaping @Sendable (String) -> String) throws(TemplateError) {
        var names = variables
        for function in TemplateFunctions.names where names[function] == nil {
            names[function] = .object(TemplateObject(kind: .function(function)))
        }
        scopes = TemplateScopes(names)
        self.clock = clock
        for value in variables.values { try budget.admit(value, line: 0) }
    }

    /// Renders nodes and returns what they print.
    mutating func render(_ nodes: [TemplateNode]) throws(TemplateError) -> String {
        let outer = output
        output = []
        defer { output = outer }
        _ = try run(nodes)
        return String(decoding: output, as: UTF8.self)
    }

    /// Goes one level deeper and counts a step.
    mutating func enter(line: Int? = nil) throws(TemplateError) {
        depth += 1
        let line = line ?? self.line
        guard depth <= Self.maximumDepth else { throw TemplateError("the template is nested too deep", line: line) }
        try budget.spend(1, line: line)
    }

    mutating func leave() {
        depth -= 1
    }

    private mutating func run(_ nodes: [TemplateNode]) throws(TemplateError) -> Flow {
        try enter()
        defer { leave() }
        for node in nodes {
            let flow = try run(node)
            if flow != .normal { return flow }
        }
        return .normal
    }

    private mutating func run(_ node: TemplateNode) throws(TemplateError) -> Flow {
        switch node {
        case .text(let text): try write(text, line: line)
        case .output(let expression, let line):
            self.line = line
            try write(try TemplateText.string(try evaluate(expression), &budget, line: line), line: line)
        case .condition(let branches, let otherwise, let line):
            self.line = line
            for branch in branches where try evaluate(branch.test).isTrue { return try run(branch.body) }
            return try run(otherwise)
        case .loop(let loop):
            line = loop.line
            try run(loop, over: try evaluate(loop.source), depth: 1)
        case .assign(let target, let expression, let line):
            self.line = line
            try assign(target, try evaluate(expression), line)
        case .assignBlock(let target, let body, let filters, let line):
            self.line = line
            try assign(
                target,
                try filtered(.string(try inScope { renderer throws(TemplateError) in try renderer.render(body) }), filters, line),
                line
            )
        case .macro(let macro): scopes.set(macro.name, try define(macro))
        case .call(let expression, let caller, let line):
            self.line = line
            let value = try call(expression, caller: try define(caller), line: line)
            try write(try TemplateText.string(value, &budget, line: line), line: line)
        case .filtered(let body, let filters, let line):
            self.line = line
            let value = try filtered(.string(try inScope { renderer throws(TemplateError) in try renderer.render(body) }), filters, line)
            try write(try TemplateText.string(value, &budget, line: line), line: line)
        case .with(let values, let body): return try with(values, body)
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .normal
    }

    private mutating func write(_ text: String, line: Int) throws(TemplateError) {
        let count = text.utf8.count
        try budget.spend(bytes: count, line: line)
        guard output.count + count <= TemplateBudget.maximumText else {
            throw TemplateError("the prompt is longer than \(TemplateBudget.maximumText) bytes", line: line)
        }
        output += text.utf8
    }

    private mutating func inScope<Result>(_ body: (inout TemplateRenderer) throws(TemplateError) -> Result) throws(TemplateError) -> Result
    {
        let outer = scopes.current
        scopes.push(inside: outer)
        defer { scopes.pop(to: outer) }
        return try body(&self)
    }

    private mutating func with(_ values: [(name: String, value: TemplateExpression)], _ body: [TemplateNode]) throws(TemplateError) -> Flow
    {
        var evaluated: [TemplateValue] = []
        for member in values { evaluated.append(try evaluate(member.value)) }
        let outer = scopes.current
        scopes.push(inside: outer)
        defer { scopes.pop(to: outer) }
        for (member, value) in zip(values, evaluated) { scopes.set(member.name, value) }
        return try run(body)
    }

    private mutating func set(_ name: String, _ value: TemplateValue, _ line: Int) throws(TemplateError) {
        try budget.admit(value, line: line)
        scopes.set(name, value)
    }

    private mutating func define(_ macro: TemplateMacro) throws(TemplateError) -> TemplateValue {
        // The scopes that it sees stay until the end.
        try budget.spend(100, line: macro.line)
        macros.append((macro, scopes.capture()))
        return .object(TemplateObject(kind: .macro(macros.count - 1)))
    }

    private mutating func filtered(_ value: TemplateValue, _ filters: [TemplateFilterCall], _ line: Int) throws(TemplateError)
        -> TemplateValue
    {
        var value = value
        for filter in filters { value = try apply(filter.name, value, filter.arguments, line) }
        return value
    }

    private mutating func assign(_ target: TemplateTarget, _ value: TemplateValue, _ line: Int) throws(TemplateError) {
        switch target {
        case .name(let name): scopes.set(name, value)
        case .several(let targets):
            let values = try elements(of: value, line: line)
            guard values.count == targets.count else {
                throw TemplateError("\(values.count) values cannot be taken apart into \(targets.count) names", line: line)
            }
            for (target, value) in zip(targets, values) { try assign(target, value, line) }
        case .member(let name, let member):
            guard case .object(let object)? = scopes[name], case .namespace(let index) = object.kind else {
                throw TemplateError("'\(name)' is not a namespace", line: line)
            }
            try checkName(.string(member), line)
            if let place = namespaces[index].firstIndex(where: { $0.key == .string(member) }) {
                namespaces[index][place].value = value
            } else {
                namespaces[index].append((.string(member), value))
            }
        }
    }

    /// Refuses a namespace's member whose name begins with an underscore, as `apply_chat_template` does.
    func checkName(_ name: TemplateValue, _ line: Int) throws(TemplateError) {
        if case .string(let text) = name, text.utf8.first == UInt8(ascii: "_") {
            throw TemplateError("a namespace cannot hold '\(text)', which begins with an underscore", line: line)
        }
    }

    /// What a loop prints that is run over other values than its own, in the scope that it is in.
    mutating func render(
        _ loop: TemplateLoop,
        over values: TemplateValue,
        depth: Int,
        inside scope: Int
    ) throws(TemplateError) -> String {
        try enter(line: loop.line)
        defer { leave() }
        let (outer, printed) = (scopes.current, output)
        scopes.push(inside: scope)
        output = []
        defer {
            scopes.pop(to: outer)
            output = printed
        }
        try run(loop, over: values, depth: depth)
        return String(decoding: output, as: UTF8.self)
    }

    private mutating func run(_ loop: TemplateLoop, over values: TemplateValue, depth: Int) throws(TemplateError) {
        var items = try elements(of: values, line: loop.line)
        let outer = scopes.current
        defer { scopes.pop(to: outer) }
        if let filter = loop.filter {
            var kept: [TemplateValue] = []
            for item in items {
                try budget.spend(1, line: loop.line)
                scopes.push(inside: outer)
                try assign(loop.target, item, loop.line)
                if try evaluate(filter).isTrue { kept.append(item) }
                scopes.pop(to: outer)
            }
            items = kept
        }
        guard !items.isEmpty else {
            scopes.push(inside: outer)
            _ = try run(loop.otherwise)
            return
        }
        loops.append(TemplateLoopState(items: items, depth: depth, recursion: loop.isRecursive ? (loop, outer) : nil))
        defer { loops.removeLast() }
        let state = loops.count - 1
        for (index, item) in items.enumerated() {
            try budget.spend(1, line: loop.line)
            loops[state].index = index
            scopes.push(inside: outer)
            scopes.set("loop", .object(TemplateObject(kind: .loop(state))))
            try assign(loop.target, item, loop.line)
            if try run(loop.body) == .breakLoop { return }
            scopes.pop(to: outer)
        }
    }

    /// What a loop runs over: a list, a mapping's keys, a text's characters.
    mutating func elements(of value: TemplateValue, line: Int) throws(TemplateError) -> [TemplateValue] {
        try TemplateSequences.elements(value, &budget, line)
    }

    /// Calls a macro: its own scope inside the one it was made in, and what it prints as its value.
    mutating func call(
        _ index: Int,
        _ positional: [TemplateValue],
        _ named: [(name: String, value: TemplateValue)],
        line: Int
    ) throws(TemplateError) -> TemplateValue {
        let (macro, scope) = macros[index]
        let outer = scopes.current
        scopes.push(inside: scope)
        defer { scopes.pop(to: outer) }
        var named = named
        for (index, parameter) in macro.parameters.enumerated() {
            let place = named.firstIndex { $0.name.utf8.elementsEqual(parameter.name.utf8) }
            if index < positional.count {
                guard place == nil else { throw TemplateError("macro '\(macro.name)' got '\(parameter.name)' twice", line: line) }
                scopes.set(parameter.name, positional[index])
            } else if let place {
                scopes.set(parameter.name, named.remove(at: place).value)
            } else if let fallback = parameter.fallback {
                scopes.set(parameter.name, try evaluate(fallback))
            } else {
                scopes.set(parameter.name, .undefined)
            }
        }
        if macro.takesCaller {
            let place = named.firstIndex { $0.name.word == "caller" }
            scopes.set("caller", place.map { named.remove(at: $0).value } ?? .undefined)
        }
        guard positional.count <= macro.parameters.count || macro.takesMorePositional else {
            throw TemplateError("macro '\(macro.name)' takes at most \(macro.parameters.count) arguments", line: line)
        }
        guard named.isEmpty || macro.takesMoreNamed else {
            throw TemplateError("macro '\(macro.name)' has no parameter '\(named[0].name)'", line: line)
        }
        if macro.takesMorePositional { try set("varargs", .tuple(Array(positional.dropFirst(macro.parameters.count))), line) }
        if macro.takesMoreNamed { try set("kwargs", .mapping(texts: named.map { ($0.name, $0.value) }), line) }
        return .string(try render(macro.body))
    }
}

extension TemplateRenderer {
    private static let longestTimeFormat = 1000

    /// The value of an expression.
    mutating func evaluate(_ expression: TemplateExpression) throws(TemplateError) -> TemplateValue {
        try enter()
        defer { leave() }
        switch expression {
        case .literal(let value): return value
        case .name(let name, _): return scopes[name] ?? .undefined
        case .list(let elements, let line): return try admitted(.list(try evaluate(elements)), line)
        case .tuple(let elements, let line): return try admitted(.tuple(try evaluate(elements)), line)
        case .mapping(let members, let line): return try mapping(members, line)
        case .attribute(let base, let name, let line):
            return try TemplateMembers.attribute(name, of: try searched(try evaluate(base), line), self, describe(base), line)
        case .item(let base, let key, let line):
            let value = try searched(try evaluate(base), line)
            return try TemplateMembers.item(try evaluate(key), of: value, self, describe(base), line)
        case .slice(let base, let start, let end, let step, let line): return try slice(base, start, end, step, line)
        case .call(_, _, let line): return try call(expression, caller: nil, line: line)
        case .filter(let base, let name, let arguments, let line): return try apply(name, try evaluate(base), arguments, line)
        case .test(let base, let name, let arguments, let isNegated, let line):
            let value = try evaluate(base)
            let call = try evaluate(arguments, line)
            return .bool(try TemplateTests.apply(name, value, call.positional, &budget, line) != isNegated)
        case .not(let value): return .bool(!(try evaluate(value).isTrue))
        case .sign(let value, let isNegative, let line): return try TemplateOperators.sign(try evaluate(value), isNegative, line)
        case .and(let operands):
            var value = TemplateValue.undefined
            for operand in operands {
                value = try evaluate(operand)
                if !value.isTrue { break }
            }
            return value
        case .or(let operands):
            var value = TemplateValue.undefined
            for operand in operands {
                value = try evaluate(operand)
                if value.isTrue { break }
            }
            return value
        case .concatenation(let operands, let line): return try concatenate(operands, line)
        case .arithmetic(let first, let rest, let line):
            var value = try evaluate(first)
            for (symbol, operand) in rest { value = try TemplateOperators.combine(value, symbol, try evaluate(operand), &budget, line) }
            return value
        case .comparison(let first, let rest, let line):
            var left = try evaluate(first)
            for (symbol, operand) in rest {
                let right = try evaluate(operand)
                guard try TemplateOperators.compare(left, symbol, right, &budget, line) else { return .bool(false) }
                left = right
            }
            return .bool(true)
        case .conditional(let test, let then, let otherwise):
            if try evaluate(test).isTrue { return try evaluate(then) }
            guard let otherwise else { return .undefined }
            return try evaluate(otherwise)
        }
    }

    /// Values of expressions, in order.
    mutating func evaluate(_ expressions: [TemplateExpression]) throws(TemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    /// Values of arguments, in order.
    private mutating func evaluate(_ arguments: TemplateArguments, _ line: Int) throws(TemplateError) -> TemplateCall {
        var call = TemplateCall(positional: try evaluate(arguments.positional), line: line)
        for argument in arguments.named { call.named.append((argument.name, try evaluate(argument.value))) }
        if let more = arguments.morePositional {
            let values = try elements(of: try evaluate(more), line: line)
            try budget.spend(values.count, line: line)
            call.positional += values
        }
        if let more = arguments.moreNamed {
            let value = try evaluate(more)
            guard case .mapping(let members) = value else {
                throw TemplateError("arguments after '**' are a mapping, not \(value.typeName)", line: line)
            }
            for member in members {
                let name = try TemplateText.string(member.key, &budget, line: line)
                try budget.spend(call.named.count, line: line)
                guard !call.named.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                    throw TemplateError("the argument '\(name)' is given twice", line: line)
                }
                call.named.append((name, member.value))
            }
        }
        return call
    }

    private mutating func admitted(_ value: TemplateValue, _ line: Int) throws(TemplateError) -> TemplateValue {
        try budget.admit(value, line: line)
        return value
    }

    /// Counts the search for a member.
    private mutating func searched(_ value: TemplateValue, _ line: Int) throws(TemplateError) -> TemplateValue {
        switch value.plain {
        case .mapping(let members): try budget.spend(members.count / 16, line: line)
        case .string(let text): try budget.spend(bytes: text.utf8.count, line: line)
        default: break
        }
        return value
    }

    /// A mapping; of equal keys the last one's value stays, at the first one's place.
    private mutating func mapping(
        _ expressions: [(key: TemplateExpression, value: TemplateExpression)],
        _ line: Int
    ) throws(TemplateError) -> TemplateValue {
        var members: [(key: TemplateValue, value: TemplateValue)] = []
        for expression in expressions {
            var key = try evaluate(expression.key)
            if case .markup(let text) = key { key = .string(text) }
            guard key.isKey else { throw TemplateError("\(key.typeName) cannot be a key", line: line) }
            let value = try evaluate(expression.value)
            try budget.spend(members.count, line: line)
            if let place = members.firstIndex(where: { $0.key == key }) {
                members[place].value = value
            } else {
                members.append((key, value))
            }
        }
        return try admitted(.mapping(members), line)
    }

    private mutating func concatenate(_ operands: [TemplateExpression], _ line: Int) throws(TemplateError) -> TemplateValue {
        var text = ""
        for operand in operands {
            let part = try TemplateText.string(try evaluate(operand), &budget, line: line)
            try budget.spend(bytes: text.utf8.count + part.utf8.count, line: line)
            text += part
        }
        return .string(text)
    }

    private mutating func slice(
        _ base: TemplateExpression,
        _ start: TemplateExpression?,
        _ end: TemplateExpression?,
        _ step: TemplateExpression?,
        _ line: Int
    ) throws(TemplateError) -> TemplateValue {
        let value = try evaluate(base)
        var bounds: [Int?] = []
        for part in [start, end, step] {
            guard let part else {
                bounds.append(nil)
                continue
            }
            let bound = try evaluate(part)
            guard bound == .none || bound.integer != nil else {
                throw TemplateError("a slice wants whole numbers, not \(bound.typeName)", line: line)
            }
            bounds.append(bound.integer)
        }
        return try TemplateSequences.slice(value, start: bounds[0], end: bounds[1], step: bounds[2], &budget, line)
    }

    /// Applies a filter to a value.
    mutating func apply(
        _ name: String,
        _ value: TemplateValue,
        _ arguments: TemplateArguments,
        _ line: Int
    ) throws(TemplateError) -> TemplateValue {
        let call = try evaluate(arguments, line)
        return try admitted(try TemplateFilters.apply(name, value, call, &budget), line)
    }

    /// Calls what an expression of the form `function(arguments)` names.
    mutating func call(_ expression: TemplateExpression, caller: TemplateValue?, line: Int) throws(TemplateError) -> TemplateValue {
        guard case .call(let function, let arguments, _) = expression else { throw TemplateError("this is no call", line: line) }
        let callee = try evaluate(function)
        var call = try evaluate(arguments, line)
        if let caller { call.named.append(("caller", caller)) }
        guard case .object(let object) = callee else {
            let name = describe(function)
            throw TemplateError(
                callee == .undefined ? "\(name) is undefined" : "\(name) is \(callee.typeName) and cannot be called",
                line: line
            )
        }
        switch object.kind {
        case .macro(let index): return try self.call(index, call.positional, call.named, line: line)
        case .method(.object(let object), let name): return try loopMethod(name, object, call)
        case .method(let value, let name): return try admitted(try TemplateMethods.call(name, value, call, &budget), line)
        case .function("namespace"):
            let members = try TemplateFunctions.members(call, &budget)
            for member in members { try checkName(member.key, line) }
            namespaces.append(members)
            return .object(TemplateObject(kind: .namespace(namespaces.count - 1)))
        case .function("strftime_now"):
            let format = try call.string(0, "format") ?? ""
            guard format.utf8.count <= Self.longestTimeFormat else { throw TemplateError("a format of the time is too long", line: line) }
            try budget.spend(characters: format.utf8.count, line: line)
            return .string(clock(format))
        case .function(let name): return try admitted(try TemplateFunctions.call(name, call, &budget), line)
        case .loop(let index): return try recurse(index, call)
        case .namespace, .generator, .view: throw TemplateError("\(describe(function)) cannot be called", line: line)
        }
    }

    /// Runs a recursive loop over other values, and returns what that prints.
    private mutating func recurse(_ index: Int, _ call: TemplateCall) throws(TemplateError) -> TemplateValue {
        guard loops.indices.contains(index), let (loop, scope) = loops[index].recursion else {
            throw TemplateError("a loop is only called inside it, and if it is marked 'recursive'", line: call.line)
        }
        return .string(try render(loop, over: call.argument(0, "iterable") ?? .undefined, depth: loops[index].depth + 1, inside: scope))
    }

    /// `loop.cycle` and `loop.changed`.
    private mutating func loopMethod(_ name: String, _ object: TemplateObject, _ call: TemplateCall) throws(TemplateError) -> TemplateValue
    {
        guard case .loop(let index) = object.kind, loops.indices.contains(index) else {
            throw TemplateError("this loop has ended", line: call.line)
        }
        if name == "cycle" {
            guard !call.positional.isEmpty else { throw TemplateError("nothing to cycle through", line: call.line) }
            return call.positional[loops[index].index % call.positional.count]
        }
        defer { loops[index].watched = call.positional }
        return .bool(loops[index].watched != call.positional)
    }

    /// What an expression is called in messages.
    private func describe(_ expression: TemplateExpression) -> String {
        switch expression {
        case .name(let name, _): "'\(name)'"
        case .attribute(_, let name, _), .item(_, .literal(.string(let name)), _): "'\(name)'"
        default: "this value"
        }
    }
}

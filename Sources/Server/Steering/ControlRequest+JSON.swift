import ModelFiles
import ValueRegistry

extension ControlRequest {
    /// The one method there is: Kong et al., "Aligning Large Language Models with Representation Editing: A Control Perspective".
    package static let method = "re-control"

    /// Decodes a `control` object. Keys that nobody knows are ignored, as everywhere in a request.
    ///
    /// - Parameters:
    ///   - value: The object.
    ///   - limits: What a request may ask for.
    package init(_ value: JSONValue, limits: RequestLimits) throws(APIError) {
        let fields = try JSONFields(value, name: "control", prefix: "control.")
        if let method = try fields.string("method"), method.word != Self.method {
            throw .invalid("control.method", "Unknown control method '\(method.word)': 'control.method' must be '\(Self.method)'.")
        }
        switch (fields.value("head"), fields.value("heads")) {
        case (nil, nil):
            throw .invalid("control.head", "'control' needs 'head', the name of a value function, or 'heads', a list of them.")
        case (.some, .some):
            throw .invalid("control.heads", "'control.head' and 'control.heads' exclude each other.")
        case (.some, nil):
            let name = try fields.string("head") ?? ""
            self.init(heads: [try Self.head(name, weight: 1, field: "control.head")], isMixture: false)
        case (nil, .some):
            self.init(heads: try Self.heads(fields.array("heads") ?? [], limits: limits), isMixture: true)
        }
        try decodeSettings(fields, limits: limits)
    }

    private mutating func decodeSettings(_ fields: JSONFields, limits: RequestLimits) throws(APIError) {
        switch fields.presence("steps") {
        case .absent: break
        case .null: steps = .set(0)
        case .value(let value): steps = .set(try fields.integer(value, name: "steps", in: 0...limits.steps))
        }
        switch fields.presence("step_size") {
        case .absent: break
        case .null: throw fields.mismatch("step_size", "a number", .null)
        case .value(let value): stepSize = .set(try fields.number(value, name: "step_size", in: .above(0, to: limits.stepSize)))
        }
        switch fields.presence("regularization") {
        case .absent: break
        case .null: regularization = .set(0)
        case .value(let value): regularization = .set(try fields.number(value, name: "regularization", in: .atLeast(0)))
        }
        maxNorm = try Self.optional(fields, "max_norm", in: .atLeast(0))
        klBudget = try Self.optional(fields, "kl_budget", in: .atLeast(0))
        targetValue = try Self.optional(fields, "target_value", in: .finite)
        switch fields.presence("trace") {
        case .absent: break
        case .null: trace = .set(false)
        case .value: trace = .set(try fields.bool("trace") ?? false)
        }
    }

    private static func optional(_ fields: JSONFields, _ name: String, in range: NumberRange) throws(APIError) -> ControlOverride<Float?> {
        switch fields.presence(name) {
        case .absent: .inherited
        case .null: .set(nil)
        case .value(let value): .set(try fields.number(value, name: name, in: range))
        }
    }

    private static func heads(_ elements: [JSONValue], limits: RequestLimits) throws(APIError) -> [Head] {
        guard (1...limits.heads).contains(elements.count) else {
            throw .invalid("control.heads", "'control.heads' must name between 1 and \(limits.heads) value functions.")
        }
        var heads: [Head] = []
        for (index, element) in elements.enumerated() {
            let name = "control.heads[\(index)]"
            let fields = try JSONFields(element, name: name, prefix: "\(name).")
            guard let head = try fields.string("name") else {
                throw .invalid("\(name).name", "'\(name)' needs 'name', the name of a value function.")
            }
            let weight = try fields.number("weight", in: .finite) ?? 1
            heads.append(try Self.head(head, weight: weight, field: "\(name).name"))
        }
        return heads
    }

    private static func head(_ text: String, weight: Float, field: String) throws(APIError) -> Head {
        do {
            return Head(reference: try HeadReference(parsing: text), weight: weight, field: field)
        } catch {
            throw .invalid(field, "'\(field)' must be the name of a value function, or NAME@VERSION: \(error)")
        }
    }
}

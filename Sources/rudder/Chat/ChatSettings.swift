import Server

/// What shapes the answers of a chat, as fields of requests.
package struct ChatSettings: Sendable {
    /// What the answers are steered by: `head` or `heads`, and whatever `--control` named with it; nil: nothing.
    package var control: JSONObject?
    /// Settings of the control object that were set in the chat; they hold for every head.
    package var overrides = JSONObject()
    /// Fields of the request beside the messages and the control object.
    package var fields = JSONObject()
    /// Whether every message is answered plain, too.
    package var compares = false

    package init() {}

    /// The heads by name, for people.
    package var headNames: String? {
        guard let control else { return nil }
        if case .string(let name)? = control[JSONKey("head")] { return name }
        guard case .array(let heads)? = control[JSONKey("heads")] else { return nil }
        let names = heads.compactMap { if case .string(let name)? = $0["name"] { name } else { nil } }
        return names.joined(separator: "+")
    }

    /// The control object of a steered request; nil without a head.
    package var steering: JSONObject? {
        guard var object = control else { return nil }
        for (name, value) in overrides { object[name] = value }
        return object
    }

    /// A request.
    ///
    /// - Parameters:
    ///   - model: the model's id.
    ///   - messages: what was said.
    ///   - isPlain: whether nothing is steered. The values are still told where they are traced.
    ///   - traces: whether each token's value is told.
    package func request(model: String, messages: JSONValue, isPlain: Bool, traces: Bool) -> JSONValue {
        var request = fields
        request[JSONKey("model")] = .string(model)
        request[JSONKey("messages")] = messages
        if var object = steering {
            if isPlain { object[JSONKey("steps")] = .number(.integer(0)) }
            if traces { object[JSONKey("trace")] = .bool(true) }
            if !isPlain || traces { request[JSONKey("control")] = .object(object) }
        }
        return .object(request)
    }

    /// Every setting and its value, for people.
    package var rows: [[String]] {
        var rows = [["head", headNames ?? "off"]]
        for name in Self.controlNames {
            let value = steering?[JSONKey(name)] ?? overrides[JSONKey(name)]
            rows.append([name, value.map(Self.text) ?? (control == nil ? "auto" : "auto: the head's own, else the default")])
        }
        for name in ["temperature", "max_tokens", "seed"] { rows.append([name, fields[JSONKey(name)].map(Self.text) ?? "auto"]) }
        rows.append(["compare", compares ? "on" : "off"])
        return rows
    }

    /// The settings of the control object that a chat sets.
    static let controlNames = ["steps", "step_size", "max_norm", "kl_budget"]

    private static func text(_ value: JSONValue) -> String {
        if case .null = value { return "off" }
        var writer = JSONWriter()
        writer.value(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

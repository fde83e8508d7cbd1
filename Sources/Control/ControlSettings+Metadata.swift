import ModelFiles

extension ControlSettings {
    /// The settings that a head's metadata recommends, over the defaults. An empty string or `null` says as little as a missing key.
    ///
    /// - Throws: ``ControlSettingsError`` that names the key.
    public static func from(metadata: [String: String]) throws(ControlSettingsError) -> ControlSettings {
        var settings = ControlSettings()
        if let text = text("steps", metadata) {
            guard let steps = Int(text) else { throw .init(field: "steps", expected: "a whole number from 0 to 1000") }
            settings.steps = steps
        }
        settings.stepSize = try number("step_size", metadata) ?? settings.stepSize
        settings.regularization = try number("regularization", metadata) ?? settings.regularization
        settings.maxNorm = try number("max_norm", metadata)
        settings.klBudget = try number("kl_budget", metadata)
        settings.targetValue = try number("target_value", metadata)
        if let text = text("trace", metadata) {
            guard let trace = Bool(text.word) else { throw .init(field: "trace", expected: "true or false") }
            settings.trace = trace
        }
        try settings.validate()
        return settings
    }

    private static func text(_ key: String, _ metadata: [String: String]) -> String? {
        metadata[key].flatMap { $0.isEmpty || $0.word == "null" ? nil : $0 }
    }

    private static func number(_ key: String, _ metadata: [String: String]) throws(ControlSettingsError) -> Float? {
        guard let text = text(key, metadata) else { return nil }
        guard let value = Float(text) else { throw .init(field: key, expected: "a number") }
        return value
    }
}

import Control

extension Steering {
    /// Refuses a value function that no loaded model could use, or whose own settings are out of range.
    package func check(_ valueFunction: ValueFunction) throws(APIError) {
        let binding = binding(hiddenSize: valueFunction.hiddenSize, site: valueFunction.site, sha256: valueFunction.modelSHA256)
        guard !binding.models.isEmpty else {
            throw .invalid(
                nil,
                "The value function reads states of \(valueFunction.hiddenSize) numbers at the site '\(valueFunction.site)', which no loaded model has.",
                code: "invalid_head"
            )
        }
        do {
            let settings = try ControlSettings.from(metadata: valueFunction.metadata)
            try settings.validate(site: valueFunction.site)
        } catch {
            throw .invalid(nil, "The value function's metadata cannot be used: \(error)", code: "invalid_head")
        }
    }
}

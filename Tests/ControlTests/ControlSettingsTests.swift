import Control
import Testing

@Suite("Control settings")
struct ControlSettingsTests {
    @Test("metadata overrides the defaults key by key")
    func fromMetadata() throws {
        let settings = try ControlSettings.from(metadata: [
            "steps": "12", "step_size": "0.25", "max_norm": "0.1", "kl_budget": "", "target_value": "1.5", "reward": "x", "trace": "true",
        ])
        var expected = ControlSettings()
        expected.steps = 12
        expected.stepSize = 0.25
        expected.maxNorm = 0.1
        expected.targetValue = 1.5
        expected.trace = true
        #expect(settings == expected)
        #expect(try ControlSettings.from(metadata: [:]) == ControlSettings())
        let silent = ["steps", "step_size", "regularization", "max_norm", "kl_budget", "target_value", "trace"]
        for empty in ["", "null"] {
            let metadata = Dictionary(uniqueKeysWithValues: silent.map { ($0, empty) })
            #expect(try ControlSettings.from(metadata: metadata) == ControlSettings())
        }
    }

    @Test("each field out of range is named")
    func validates() {
        let changes: [(String, (inout ControlSettings) -> Void)] = [
            ("steps", { $0.steps = -1 }), ("steps", { $0.steps = 1001 }), ("step_size", { $0.stepSize = 0 }),
            ("step_size", { $0.stepSize = 1000.1 }), ("step_size", { $0.stepSize = .nan }),
            ("regularization", { $0.regularization = -0.1 }),
            ("max_norm", { $0.maxNorm = -1 }), ("max_norm", { $0.maxNorm = .infinity }), ("kl_budget", { $0.klBudget = .nan }),
            ("target_value", { $0.targetValue = .infinity }),
        ]
        for (field, change) in changes {
            var settings = ControlSettings()
            change(&settings)
            #expect(#expect(throws: ControlSettingsError.self) { try settings.validate() }?.field == field)
        }
        #expect(throws: Never.self) { try ControlSettings().validate() }
    }
}

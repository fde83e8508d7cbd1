import Control
import Server
import Testing

@Suite("the control object of a request")
struct ControlRequestTests {
    private static func decode(_ text: String, limits: RequestLimits = RequestLimits()) throws -> ControlRequest {
        try ControlRequest(JSONParser.parse(text), limits: limits)
    }

    @Test("one head, with or without a version")
    func oneHead() throws {
        let plain = try Self.decode(#"{"head": "positivity"}"#)
        #expect(plain.heads.map(\.reference.name) == ["positivity"])
        #expect(plain.heads[0].reference.version == nil)
        #expect(!plain.isMixture)
        let versioned = try Self.decode(#"{"method": "re-control", "head": "positivity@3"}"#)
        #expect(versioned.heads[0].reference.version == 3)
    }

    @Test("several heads with weights")
    func mixture() throws {
        let request = try Self.decode(#"{"heads": [{"name": "positivity"}, {"name": "brevity@2", "weight": -0.5}]}"#)
        #expect(request.isMixture)
        #expect(request.heads.map(\.weight) == [1, -0.5])
        #expect(request.heads[1].reference.version == 2)
    }

    @Test("a key left out is inherited, a value set, an explicit null off")
    func presence() throws {
        var inherited = ControlSettings()
        inherited.steps = 7
        inherited.stepSize = 0.5
        inherited.maxNorm = 0.25
        inherited.klBudget = 1
        inherited.targetValue = 3
        inherited.trace = true
        inherited.regularization = 0.1
        #expect(try Self.decode(#"{"head": "a"}"#).settings(inherited: inherited) == inherited)
        let set = try Self.decode(
            #"{"head": "a", "steps": 3, "step_size": 2, "regularization": 0.5, "max_norm": 0.5, "kl_budget": 0.2, "target_value": -1, "trace": false}"#
        ).settings(inherited: inherited)
        #expect(set.steps == 3 && set.stepSize == 2 && set.regularization == 0.5)
        #expect(set.maxNorm == 0.5 && set.klBudget == 0.2 && set.targetValue == -1 && !set.trace)
        let off = try Self.decode(
            #"{"head": "a", "steps": null, "regularization": null, "max_norm": null, "kl_budget": null, "target_value": null, "trace": null}"#
        ).settings(inherited: inherited)
        #expect(off.steps == 0 && off.regularization == 0)
        #expect(off.maxNorm == nil && off.klBudget == nil && off.targetValue == nil && !off.trace)
        #expect(off.stepSize == 0.5)
    }

    @Test("keys that nobody knows are ignored")
    func unknownKeys() throws {
        _ = try Self.decode(#"{"head": "a", "colour": "blue"}"#)
    }

    @Test(
        "the ends of the ranges are allowed",
        arguments: [
            #"{"head": "a", "steps": 0}"#, #"{"head": "a", "steps": 1000}"#, #"{"head": "a", "step_size": 1000}"#,
            #"{"head": "a", "regularization": 0}"#, #"{"head": "a", "max_norm": 0}"#, #"{"head": "a", "kl_budget": 0}"#,
        ]
    )
    func ends(text: String) throws {
        _ = try Self.decode(text)
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("5", "control"),
            ("{}", "control.head"),
            (#"{"head": null}"#, "control.head"),
            (#"{"head": 5}"#, "control.head"),
            (#"{"head": "a b"}"#, "control.head"),
            (#"{"head": "../a"}"#, "control.head"),
            (#"{"head": ""}"#, "control.head"),
            (#"{"head": "a@0"}"#, "control.head"),
            (#"{"head": "a@x"}"#, "control.head"),
            (#"{"head": "a", "heads": [{"name": "b"}]}"#, "control.heads"),
            (#"{"heads": []}"#, "control.heads"),
            (#"{"heads": "a"}"#, "control.heads"),
            (#"{"heads": ["a"]}"#, "control.heads[0]"),
            (#"{"heads": [{"weight": 1}]}"#, "control.heads[0].name"),
            (#"{"heads": [{"name": "a"}, {"name": "b", "weight": "1"}]}"#, "control.heads[1].weight"),
            (#"{"heads": [{"name": "a", "weight": 1e39}]}"#, "control.heads[0].weight"),
            (#"{"method": "caa", "head": "a"}"#, "control.method"),
            (#"{"method": 5, "head": "a"}"#, "control.method"),
            (#"{"head": "a", "steps": -1}"#, "control.steps"),
            (#"{"head": "a", "steps": 1001}"#, "control.steps"),
            (#"{"head": "a", "steps": 1.5}"#, "control.steps"),
            (#"{"head": "a", "steps": "30"}"#, "control.steps"),
            (#"{"head": "a", "step_size": 0}"#, "control.step_size"),
            (#"{"head": "a", "step_size": 1000.5}"#, "control.step_size"),
            (#"{"head": "a", "step_size": null}"#, "control.step_size"),
            (#"{"head": "a", "regularization": -0.1}"#, "control.regularization"),
            (#"{"head": "a", "regularization": 1e999}"#, "control.regularization"),
            (#"{"head": "a", "regularization": 1e39}"#, "control.regularization"),
            (#"{"head": "a", "max_norm": -1}"#, "control.max_norm"),
            (#"{"head": "a", "kl_budget": -1}"#, "control.kl_budget"),
            (#"{"head": "a", "kl_budget": true}"#, "control.kl_budget"),
            (#"{"head": "a", "target_value": "x"}"#, "control.target_value"),
            (#"{"head": "a", "trace": 1}"#, "control.trace"),
        ]
    )
    func refusals(text: String, parameter: String) throws {
        let error = #expect(throws: APIError.self) { try Self.decode(text) }
        #expect(error?.status == .badRequest)
        #expect(error?.parameter == parameter)
    }
}

import Server
import Testing

@Suite("value functions whose control is not finite", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct QuarantineServerTests {
    private static func body(_ control: String, stream: Bool = false) -> String {
        #"{"model": "tiny", "prompt": "x", "max_tokens": 8, "ignore_eos": true, "stream": \#(stream), "control": \#(control)}"#
    }

    @Test("the request ends with an error; after a few times by its own settings the version steers no more, and another does")
    func quarantine() async throws {
        let log = LogCapture()
        try await TestServer.run(log: log) { (server: TestServer) async throws in
            try await server.upload("huge", scale: 3e38, metadata: ["step_size": "1000"])
            try await server.upload("good")
            func ask(_ control: String) async throws -> (Int, String?) {
                let answer = try await server.client.post("/v1/completions", Self.body(control))
                return (answer.status, try answer.json()["error"]?["code"]?.text)
            }
            // What a request asks for itself is not held against a head, be it good or not.
            for _ in 0..<5 {
                #expect(try await ask(#"{"head": "huge", "step_size": 500}"#) == (400, "control_not_finite"))
                #expect(
                    try await ask(#"{"heads": [{"name": "huge"}, {"name": "good"}], "step_size": 1000}"#) == (400, "control_not_finite")
                )
            }
            // Settings that are its own, written out, are its own. Many answers count as one.
            let many = Self.body(#"{"head": "huge", "step_size": 1000, "steps": 30}"#).replacing(#""stream""#, with: #""n": 8, "stream""#)
            #expect(try await server.client.post("/v1/completions", many).status == 400)
            let stream = try await server.client.post("/v1/completions", Self.body(#"{"head": "huge"}"#, stream: true))
            #expect(stream.text.contains("control_not_finite") && !stream.text.contains("[DONE]"))
            // A request that steers no token says nothing for the head.
            let idle = Self.body(#"{"head": "huge"}"#).replacing(#""max_tokens": 8"#, with: #""max_tokens": 0"#)
            #expect(try await server.client.post("/v1/completions", idle).status == 200)
            #expect(try await ask(#"{"head": "huge"}"#) == (400, "control_not_finite"))
            for control in [
                #"{"head": "huge"}"#, #"{"head": "huge@1", "step_size": 1}"#, #"{"heads": [{"name": "huge"}, {"name": "good"}]}"#,
            ] {
                #expect(try await ask(control) == (409, "head_quarantined"), "\(control)")
            }
            #expect(try await ask(#"{"head": "good"}"#).0 == 200)
            #expect(log.text.contains("huge@1 is quarantined"))
            let cards = try await server.client.send("GET", "/v1/heads").json()["data"]?.elements
            let card = cards?.first { $0["name"]?.text == "huge" }
            #expect(card?["steers"]?.elements == [] && card?["warning"]?.text?.contains("quarantined") == true)
            #expect(try await server.client.send("GET", "/metrics").text.contains("rudder_heads_quarantined 1\n"))
            try await server.upload("huge", seed: 2)
            #expect(try await ask(#"{"head": "huge"}"#).0 == 200)
            #expect(try await ask(#"{"head": "huge@1"}"#) == (409, "head_quarantined"))
        }
    }

    @Test("where no number of times is configured it is never held against a head")
    func never() async throws {
        try await TestServer.run(configure: { $0.quarantineAfter = 0 }) { (server: TestServer) async throws in
            try await server.upload("huge", scale: 3e38, metadata: ["step_size": "1000"])
            for _ in 0..<6 {
                let answer = try await server.client.post("/v1/completions", Self.body(#"{"head": "huge"}"#))
                #expect(answer.status == 400)
            }
        }
    }
}

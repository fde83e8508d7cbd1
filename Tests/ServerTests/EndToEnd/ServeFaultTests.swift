import Foundation
import Server
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite(
    "rudder serve where the machine fails it",
    .enabled(if: RudderProcess.path != nil, "needs the built program"),
    .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3")
)
struct ServeFaultTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    @Test("a model file that is cut short ends its requests with 500, /ready says so, and the process lives")
    func cutShort() async throws {
        let model = folder.url.appendingPathComponent("model.gguf")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: try #require(TestServer.tinyModel)), to: model)
        let configuration = folder.url.appendingPathComponent("rudder.yaml")
        try """
        models:
          lost: {path: \(model.path), packed_weights: false}
          whole: {path: \(try #require(TestServer.tinyModel))}
        batches: {directory: ""}
        """.write(to: configuration, atomically: true, encoding: .utf8)
        let server = try RudderProcess(["serve", "--config", configuration.path, "--port", "0"], folder: folder.url)
        let client = try await server.ready()
        func body(_ model: String, _ tokens: Int, answers: Int = 1) -> String {
            #"{"model": "\#(model)", "prompt": "x", "max_tokens": \#(tokens), "ignore_eos": true, "n": \#(answers)}"#
        }
        #expect(try await client.post("/v1/completions", body("lost", 4)).status == 200)
        #expect(try await client.send("GET", "/ready").status == 200)
        let long = try await client.open("POST", "/v1/completions", body: Array(body("lost", 1900, answers: 16).utf8))
        try await Task.sleep(for: .milliseconds(100))
        #expect(truncate(model.path, 4096) == 0)
        let answer = try await long.answer()
        #expect(answer.status == 500)
        #expect(try answer.json()["error"]?["code"]?.text == "internal_error")
        #expect(try await client.post("/v1/completions", body("lost", 4)).status == 503)
        let ready = try await client.send("GET", "/ready")
        #expect(ready.status == 503)
        #expect(try ready.json()["models"]?.elements.map { $0["up"]?.integer } == [0, 1])
        #expect(try await client.send("GET", "/health").status == 200)
        #expect(try await client.post("/v1/completions", body("whole", 4)).status == 200)
        #expect(server.errorText.contains("critical") && server.errorText.contains("size changed"))
        server.send(SIGTERM)
        #expect(try await server.status() == 0)
    }
}

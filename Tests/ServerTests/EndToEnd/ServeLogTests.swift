import Foundation
import Server
import TestSupport
import Testing

@Suite(
    "the log of rudder serve",
    .enabled(if: RudderProcess.path != nil, "needs the built program"),
    .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3")
)
struct ServeLogTests {
    private func log(format: String) async throws -> [String] {
        let folder = try TemporaryDirectory()
        let model = try #require(TestServer.tinyModel)
        let server = try RudderProcess(
            ["serve", "--model", "tiny=\(model)", "--port", "0"],
            environment: ["RUDDER_LOG_FORMAT": format],
            folder: folder.url
        )
        let client = try await server.ready()
        let fields = [("X-Request-Id", "mine")]
        _ = try await client.post("/v1/completions", #"{"model": "tiny", "prompt": "green bottles", "max_tokens": 3}"#, fields: fields)
        server.send(SIGTERM)
        #expect(try await server.status() == 0)
        // The last lines may still be on their way here.
        for _ in 0..<200 where !server.errorText.contains("ended") { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!server.errorText.contains("green bottles"))
        return server.errorText.split(separator: "\n").map(String.init)
    }

    @Test("as JSON every line of standard error is an object with time, level and message")
    func json() async throws {
        let lines = try await log(format: "json").map { try JSONParser.parse($0) }
        #expect(lines.allSatisfy { $0["time"]?.text != nil && $0["level"]?.text != nil && $0["message"]?.text != nil })
        let request = lines.filter { $0["request_id"]?.text == "mine" }
        #expect(request.count == 1 && request[0]["status"]?.integer == 200 && request[0]["model"]?.text == "tiny")
        #expect(lines.last?["message"]?.text == "ended")
    }

    @Test("as text every line has the same facts")
    func text() async throws {
        let lines = try await log(format: "text")
        let request = try #require(lines.first { $0.contains("request_id=mine") })
        #expect(request.contains(" info request request_id=mine ") && request.contains(" status=200") && request.contains(" model=tiny"))
        #expect(lines.contains { $0.contains(" warning no admin token is configured") })
    }
}

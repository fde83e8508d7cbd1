import Foundation
import Server
import TestSupport
import Testing

@Suite(
    "rudder bench",
    .enabled(if: RudderProcess.path != nil, "needs the built program"),
    .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3")
)
struct BenchTests {
    private let folder: TemporaryDirectory
    private let model: String

    init() throws {
        folder = try TemporaryDirectory()
        model = try #require(TestServer.tinyModel)
    }

    private func run(_ arguments: [String]) async throws -> (status: Int32, output: String, errors: String) {
        let process = try RudderProcess(["bench"] + arguments, folder: folder.url)
        let status = try await process.status()
        // The pipes are read by handlers of their own, which may be a moment late.
        try await Task.sleep(for: .milliseconds(100))
        return (status, process.outputText, process.errorText)
    }

    @Test("--json prints one document of the agreed shape, and nothing else")
    func json() async throws {
        let answer = try await run(["--model", model, "--tests", "tg128,tg32", "--runs", "2", "--threads", "2", "--json"])
        #expect(answer.status == 0 && answer.errors.isEmpty, "\(answer.errors)")
        let report = try JSONParser.parse(answer.output)
        for key in ["load_seconds", "resident_bytes", "kv_bytes"] { #expect((report[key]?.double ?? 0) > 0, "\(key)") }
        for key in ["machine", "model"] { #expect(report[key]?.text?.isEmpty == false, "\(key)") }
        let rows = report["results"]?.elements ?? []
        #expect(rows.count == 1 + 4 + 9)
        for row in rows {
            let speeds = ["low", "tokens_per_second", "high"].compactMap { row[$0]?.double }
            #expect(speeds.count == 3 && speeds == speeds.sorted() && speeds[0] > 0)
            let isPlain = row["control"] == .null
            #expect(isPlain == (row["overhead"] == .null))
            if !isPlain {
                #expect(row["test"]?.text == "tg128" && row["sequences"]?.double == 1)
                #expect(row["control"]?["steps"]?.double != nil && row["control"]?["hidden"]?.double != nil)
                #expect(row["control"]?["layers"]?.double != nil)
            }
        }
    }

    @Test("--depths measures behind texts of some length, within the model's context")
    func depths() async throws {
        let answer = try await run(["--model", model, "--depths", "0,100", "--runs", "1", "--json"])
        #expect(answer.status == 0, "\(answer.errors)")
        let names = try JSONParser.parse(answer.output)["results"]?.elements.compactMap { $0["test"]?.text }
        #expect(names == ["pp512", "tg32", "pp512@100", "tg32@100"])
        let long = try await run(["--model", model, "--depths", "2000"])
        #expect(long.status == 1 && long.errors.contains("pp512@2000 needs 2512 tokens; the model's context is 2048"))
        for bad in ["-1", "many", "", "1,,2"] { #expect(try await run(["--model", model, "--depths", bad]).status == 64) }
    }

    @Test("a test that nobody knows is refused")
    func unknownTest() async throws {
        let answer = try await run(["--model", model, "--tests", "pp7"])
        #expect(answer.status != 0 && answer.errors.contains("pp7") && answer.output.isEmpty)
    }

    @Test("clients of a running server: answers, refusals, and what they saw")
    func server() async throws {
        let server = try RudderProcess(
            ["serve", "--model", "tiny=\(model)", "--port", "0"],
            environment: ["RUDDER_LIMITS_RUNNING": "1", "RUDDER_LIMITS_QUEUED": "1"],
            folder: folder.url
        )
        let url = "http://127.0.0.1:\(try await server.ready().port)"
        let load = ["--server", url, "--seconds", "3", "--clients", "6", "--max-tokens", "40", "--json"]
        let answer = try await run(load)
        #expect(answer.status == 0, "\(answer.errors)")
        let report = try JSONParser.parse(answer.output)
        #expect((report["requests"]?.double ?? 0) > 0 && (report["tokens"]?.double ?? 0) > 0)
        #expect((report["refused"]?.double ?? 0) > 0)
        #expect(report["errors"] == .object([:]))
        for key in ["time_to_first_token", "inter_token"] { #expect((report[key]?["p99"]?.double ?? 0) > 0, "\(key)") }

        let start = ContinuousClock.now
        let unknown = try await run(load + ["--control", "nobody", "--seconds", "60"])
        #expect(unknown.status == 1 && unknown.errors.contains("no request was answered: status 404; the server's log says why"))
        #expect(ContinuousClock.now - start < .seconds(30), "it gives up once that is plain")
        let errors = try JSONParser.parse(unknown.output)["errors"]
        #expect((errors?["status 404"]?.double ?? 0) > 0)
    }
}

import Foundation
import Server
import TestSupport
import Testing

@Suite(
    "batches and kill -9",
    .enabled(if: RudderProcess.path != nil, "needs the built program"),
    .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3")
)
struct BatchRestartTests {
    @Test("a batch goes on after its server was killed, even with a torn line, and every request is answered exactly once")
    func killed() async throws {
        let folder = try TemporaryDirectory()
        let model = try #require(TestServer.tinyModel)
        func serve() throws -> RudderProcess {
            try RudderProcess(["serve", "--model", "tiny=\(model)", "--port", "0"], folder: folder.url)
        }
        let ids = (0..<400).map { "request \($0)" }
        let lines = ids.enumerated().map { index, id in
            let body =
                index % 10 == 3
                ? #"{"model": "tiny", "prompt": ""}"# : #"{"model": "tiny", "prompt": "x", "max_tokens": 40, "ignore_eos": true}"#
            return TestClient.line(id, body)
        }
        var server = try serve()
        var client = try await server.ready()
        let id = try await client.startBatch(lines)
        let key = id.dropFirst("batch_".count)
        let results = folder.url.appendingPathComponent(".state/batches/batches/\(id)")
        let output = results.appendingPathComponent("output/content")
        for fraction in [50, 150] {
            for _ in 0..<3000 {
                let written = (try? Data(contentsOf: output))?.count { $0 == UInt8(ascii: "\n") } ?? 0
                if written >= fraction { break }
                try await Task.sleep(for: .milliseconds(5))
            }
            server.send(SIGKILL)
            #expect(try await server.status() == -SIGKILL)
            #expect(FileManager.default.fileExists(atPath: output.path), "the batch ended before its server was killed")
            // What a kill in the midst of a write leaves, once without and once with an id.
            let file = try FileHandle(forWritingTo: output)
            try file.seekToEnd()
            try file.write(
                contentsOf: Data((fraction == 50 ? #"{"id":"batch_"# : #"{"id":"batch_req_\#(key)_399","custom_id":"requ"#).utf8)
            )
            try file.close()
            server = try serve()
            client = try await server.ready()
        }
        let batch = try await client.finishedBatch(id)
        #expect(batch["status"]?.text == "completed")
        #expect(batch["request_counts"]?["completed"]?.integer == 360 && batch["request_counts"]?["failed"]?.integer == 40)
        let answers = try await client.results(batch["output_file_id"]) + client.results(batch["error_file_id"])
        #expect(answers.compactMap { $0["custom_id"]?.text }.sorted() == ids.sorted())
        server.send(SIGTERM)
        #expect(try await server.status() == 0)
        for _ in 0..<200 where !server.errorText.contains("ended") { try await Task.sleep(for: .milliseconds(10)) }
        #expect(server.errorText.contains("batch goes on batch=\(id)"), "\(server.errorText)")
        #expect(server.errorText.contains("batch completed batch=\(id)"), "\(server.errorText)")
    }
}

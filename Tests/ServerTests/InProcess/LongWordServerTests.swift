import TestSupport
import Testing

/// Swift's comparison of such text takes the square of its length: a minute and more of these.
@Suite("texts of combining marks", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct LongWordServerTests {
    private static let marks =
        "a" + String(repeating: "\u{301}", count: 200_000) + String(repeating: "\u{316}", count: 200_000)
    /// The same to Swift, other bytes.
    private static let equivalent =
        "a" + String(repeating: "\u{316}", count: 200_000) + String(repeating: "\u{301}", count: 200_000)

    private static func schema(_ schema: String) -> String {
        #""model": "tiny", "prompt": "x", "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": \#(schema)}}"#
    }

    @Test(
        "where a word is expected they are refused at once",
        arguments: [
            ("/v1/chat/completions", #""model": "tiny", "messages": [{"role": "@", "content": "x"}]"#),
            ("/v1/chat/completions", #""model": "tiny", "messages": [{"role": "user", "content": [{"type": "@", "text": "x"}]}]"#),
            ("/v1/completions", #""model": "@", "prompt": "x""#),
            ("/v1/completions", #""model": "tiny", "prompt": "x", "stop": "@""#),
            ("/v1/completions", #""model": "tiny", "prompt": "x", "response_format": {"type": "@"}"#),
            ("/v1/completions", schema(#"{"@": 1}"#)),
            ("/v1/completions", schema(#"{"type": "@"}"#)),
            ("/v1/completions", schema(#"{"type": ["@"]}"#)),
            ("/v1/completions", schema(##"{"$ref": "#@"}"##)),
            ("/v1/completions", schema(##"{"$ref": "#/@"}"##)),
            ("/v1/completions", schema(#"{"enum": ["@"], "const": "="}"#)),
            ("/v1/completions", schema(#"{"type": "object", "properties": {"@": {"type": "null"}}}"#)),
            ("/v1/completions", #""model": "tiny", "prompt": "x", "control": {"method": "@", "head": "a"}"#),
            ("/v1/completions", #""model": "tiny", "prompt": "x", "control": {"head": "@"}"#),
            ("/v1/completions", #""model": "tiny", "prompt": "x", "control": {"heads": [{"name": "b@1"}, {"name": "@"}]}"#),
            ("/v1/completions", #""model": "tiny", "prompt": "x", "capture": {"site": "@", "to": 1}"#),
            ("/v1/embeddings", #""model": "tiny", "input": "x", "encoding_format": "@""#),
            ("/v1/embeddings", #""model": "tiny", "input": "x", "pooling": "@""#),
            ("/v1/batches", #""input_file_id": "file-a", "endpoint": "@", "completion_window": "24h""#),
            ("/v1/batches", #""input_file_id": "file-a", "endpoint": "/v1/completions", "completion_window": "@""#),
            ("/v1/batches", #""input_file_id": "@", "endpoint": "/v1/completions", "completion_window": "24h""#),
        ]
    )
    func words(path: String, members: String) async throws {
        // Not by `replacing`, which would take as long as what is tested for.
        var body = ""
        for scalar in "{\(members)}".unicodeScalars {
            switch scalar {
            case "@": body += Self.marks
            case "=": body += Self.equivalent
            default: body.unicodeScalars.append(scalar)
            }
        }
        try await TestServer.run { (server: TestServer) async throws in
            let start = ContinuousClock.now
            let answer = try await server.client.post(path, body)
            #expect((400..<500).contains(answer.status), "\(answer.text.prefix(200))")
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test("in a prompt they are text as any other")
    func content() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let start = ContinuousClock.now
            let answer = try await server.client.post("/tokenize", #"{"model": "tiny", "content": "\#(Self.marks)"}"#)
            #expect(try answer.status == 200 && answer.json()["count"]?.integer ?? 0 > 100_000)
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test("a value function's file with such names or values takes no time")
    func head() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let start = ContinuousClock.now
            let header = Array(#"{"\#(Self.marks)":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#.utf8)
            let file = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
            let answer = try await server.client.send("PUT", "/admin/v1/heads/a", body: file)
            #expect(answer.status == 400 && answer.text.contains("at most 256"), "\(answer.text.prefix(400))")
            // Nor does it take long to find that a checksum is of no model.
            try await server.upload("b", metadata: ["model_sha256": Self.marks])
            #expect(try await server.client.send("GET", "/v1/heads").status == 200)
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }
}

import Server
import TestSupport
import Testing

@Suite("tokens and templates over a socket", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct TokenServerTests {
    @Test("a text's tokens and back, by the field names of either server")
    func roundTrip() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let one = try await server.client.post("/tokenize", #"{"content": "def f(x):", "add_special": false, "with_pieces": true}"#)
                .json()
            let other = try await server.client.post("/tokenize", #"{"model": "tiny", "prompt": "def f(x):", "add_special_tokens": false}"#)
                .json()
            let tokens = (one["tokens"]?.elements ?? []).compactMap(\.integer)
            #expect(other["tokens"] == one["tokens"] && one["count"]?.integer == tokens.count && !tokens.isEmpty)
            #expect(one["token_strs"]?.elements.compactMap(\.text).joined() == "def f(x):")
            #expect(other["token_strs"] == nil)
            let back = try await server.client.post("/detokenize", #"{"tokens": \#(tokens)}"#).json()
            #expect(back["content"]?.text == "def f(x):" && back["prompt"]?.text == "def f(x):")
        }
    }

    @Test("a completion of a text and of its tokens is the same")
    func sameAsCompletion() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let tokens =
                try await server.client.post("/tokenize", #"{"content": "def f"}"#).json()["tokens"]?.elements.compactMap(\.integer) ?? []
            let fields = #""model": "tiny", "temperature": 0, "max_tokens": 8"#
            let first = try await server.client.post("/v1/completions", #"{"prompt": "def f", \#(fields)}"#).json()
            let second = try await server.client.post("/v1/completions", #"{"prompt": \#(tokens), \#(fields)}"#).json()
            #expect(first["choices"]?[0]?["text"] == second["choices"]?[0]?["text"])
            #expect(first["usage"]?["prompt_tokens"]?.integer == tokens.count)
        }
    }

    @Test("the tokenizer's facts are told")
    func info() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let answer = try await server.client.send("GET", "/tokenizer_info")
            let json = try answer.json()
            #expect(answer.status == 200 && json["eos_token"] != nil && json["vocab_size"]?.integer ?? 0 > 0)
            #expect(try await server.client.send("GET", "/tokenizer_info?model=none").status == 404)
        }
    }

    @Test(
        "what is missing, or beyond the vocabulary, is refused by name",
        arguments: [
            ("/tokenize", "{}", "content"), ("/tokenize", #"{"content": 1}"#, "content"),
            ("/tokenize", #"{"content": "x", "model": "none"}"#, "model"),
            ("/detokenize", "{}", "tokens"), ("/detokenize", #"{"tokens": [99999999]}"#, "tokens"),
            ("/detokenize", #"{"tokens": [-1]}"#, "tokens"),
            ("/detokenize", #"{"tokens": ["a"]}"#, "tokens"), ("/apply-template", "{}", "messages"),
        ]
    )
    func refusals(_ path: String, _ body: String, _ parameter: String) async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let answer = try await server.client.post(path, body)
            #expect(answer.status == 400 || (parameter == "model" && answer.status == 404))
            #expect(try answer.json()["error"]?["param"]?.text == parameter)
        }
    }
}

import Foundation
import Server
import TestSupport
import Testing

@Suite("completions over a socket", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct CompletionServerTests {
    private struct Expected: Decodable {
        struct Example: Decodable {
            let text: String
            let tokens: [Int]
            let argmax: [Int]
            let logprobSum: Double

            enum CodingKeys: String, CodingKey {
                case text, tokens, argmax
                case logprobSum = "logprob_sum"
            }
        }
        let examples: [Example]
    }

    @Test("an answer has OpenAI's members and counts its tokens")
    func plain() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let answer = try await server.client.post(
                "/v1/completions",
                #"{"model": "tiny", "prompt": "def f", "max_tokens": 4, "temperature": 0}"#
            )
            #expect(answer.status == 200)
            #expect(answer.fields["content-type"] == "application/json")
            let json = try answer.json()
            #expect(json["object"] == .string("text_completion"))
            #expect(json["model"] == .string("tiny"))
            #expect(json["id"]?.text?.hasPrefix("cmpl-") == true)
            let choice = try #require(json["choices"]?[0])
            #expect(choice["index"]?.integer == 0)
            #expect(choice["logprobs"] == .null)
            #expect(["stop", "length"].contains(choice["finish_reason"]?.text))
            let usage = try #require(json["usage"])
            let completion = try #require(usage["completion_tokens"]?.integer)
            let prompt = try #require(usage["prompt_tokens"]?.integer)
            #expect((1...4).contains(completion) && prompt > 0)
            #expect(usage["total_tokens"]?.integer == prompt + completion)
            #expect(json["control"] == nil)
        }
    }

    @Test("best_of returns the likeliest of the candidates that n would give, and counts the tokens of all")
    func bestOf() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let fields = #""model": "tiny", "prompt": ["def f", "x"], "max_tokens": 6, "seed": 3, "temperature": 1.5"#
            let all = try await server.client.post("/v1/completions", #"{\#(fields), "n": 5, "logprobs": 0}"#).json()
            let best = try await server.client.post("/v1/completions", #"{\#(fields), "n": 2, "best_of": 5}"#).json()
            #expect(best["choices"]?.elements.compactMap { $0["index"]?.integer } == [0, 1, 2, 3])
            for prompt in 0..<2 {
                let candidates = (all["choices"]?.elements ?? [])[(prompt * 5)..<(prompt * 5 + 5)].map { choice in
                    let logprobs = choice["logprobs"]?["token_logprobs"]?.elements.compactMap(\.double) ?? []
                    return (
                        text: choice["text"]?.text, mean: logprobs.isEmpty ? -.infinity : logprobs.reduce(0, +) / Double(logprobs.count)
                    )
                }
                let expected = candidates.sorted { $0.mean > $1.mean }.prefix(2).map(\.text)
                let found = best["choices"]?.elements[(prompt * 2)..<(prompt * 2 + 2)] ?? []
                #expect(found.map { $0["text"]?.text } == expected)
                #expect(found.allSatisfy { $0["logprobs"] == .null })
            }
            #expect(best["usage"] == all["usage"])
            for (more, parameter) in [
                (#""n": 3, "best_of": 2"#, "best_of"), (#""best_of": 17"#, "best_of"), (#""best_of": 2, "stream": true"#, "best_of"),
            ] {
                let answer = try await server.client.post("/v1/completions", #"{\#(fields), \#(more)}"#)
                #expect(try answer.json()["error"]?["param"]?.text == parameter)
            }
        }
    }

    @Test("a request for more answers than can ever wait is refused, not told to try again")
    func tooManyAnswers() async throws {
        try await TestServer.run(configure: { ($0.running, $0.queued) = (2, 2) }) { (server: TestServer) async throws in
            let answer = try await server.client.post(
                "/v1/completions",
                #"{"model": "tiny", "prompt": ["a", "b", "c", "d", "e"], "max_tokens": 1}"#
            )
            #expect(answer.status == 400)
            #expect(try answer.json()["error"]?["message"]?.text?.contains("at most 4") == true)
        }
    }

    @Test("more log-probabilities than an answer that is no stream may have are refused; a stream may have them")
    func tooManyLogprobs() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let members = #""model": "tiny", "prompt": ["a", "b"], "max_tokens": 1800, "n": 16, "logprobs": 20"#
            let answer = try await server.client.post("/v1/completions", "{\(members)}")
            #expect(try answer.status == 400 && answer.json()["error"]?["param"]?.text == "logprobs", "\(answer.text.prefix(300))")
            let stream = try await server.client.open("POST", "/v1/completions", body: Array("{\(members), \"stream\": true}".utf8))
            #expect(try await stream.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
            stream.close()
        }
    }

    @Test("a request over the context is refused with the numbers")
    func overContext() async throws {
        let folder = URL(fileURLWithPath: try #require(TestServer.tinyModel)).deletingLastPathComponent().path
        try await TestServer.run(models: [ModelSettings(id: TestServer.tiny, path: folder)]) { (server: TestServer) async throws in
            let prompt = [Int](repeating: 5, count: 2000)
            let fitting = try await server.client.post("/v1/completions", #"{"model": "tiny", "prompt": \#(prompt), "max_tokens": 48}"#)
            #expect(fitting.status == 200)
            let answer = try await server.client.post("/v1/completions", #"{"model": "tiny", "prompt": \#(prompt), "max_tokens": 49}"#)
            let error = try answer.json()["error"]
            #expect(answer.status == 400 && error?["code"]?.text == "context_length_exceeded" && error?["param"]?.text == "prompt")
            for number in ["2048", "2049", "2000", "49"] { #expect(error?["message"]?.text?.contains(number) == true) }
            let chat = #"{"model": "tiny", "messages": [{"role": "user", "content": "\#(String(repeating: "x y ", count: 3000))"}]}"#
            let refused = try await server.client.post("/v1/chat/completions", chat)
            let reason = try refused.json()["error"]
            #expect(refused.status == 400 && reason?["code"]?.text == "context_length_exceeded" && reason?["param"]?.text == "messages")
        }
    }

    @Test("max_tokens defaults to 16; 0 gives no token")
    func tokenCounts() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let standard = try await server.client.post("/v1/completions", #"{"model": "tiny", "prompt": "x", "ignore_eos": true}"#).json()
            #expect(standard["usage"]?["completion_tokens"]?.integer == 16)
            let none = try await server.client.post("/v1/completions", #"{"model": "tiny", "prompt": "x", "max_tokens": 0}"#).json()
            #expect(none["usage"]?["completion_tokens"]?.integer == 0)
            #expect(none["choices"]?[0]?["text"]?.text == "")
            #expect(none["choices"]?[0]?["finish_reason"]?.text == "length")
        }
    }

    @Test("echo with logprobs: four lists of one length, the first token's null, offsets into the text, the sum of the reference")
    func echo() async throws {
        let expected = try #require(try GoldenFiles.json("models/llama3/expected.json", as: Expected.self))
        try await TestServer.run { (server: TestServer) async throws in
            for example in expected.examples {
                let prompt = "[" + example.tokens.map(String.init).joined(separator: ",") + "]"
                let body = #"{"model": "tiny", "prompt": \#(prompt), "max_tokens": 0, "echo": true, "logprobs": 2}"#
                let choice = try #require(try await server.client.post("/v1/completions", body).json()["choices"]?[0])
                #expect(choice["text"]?.text == example.text)
                let logprobs = try #require(choice["logprobs"])
                let tokens = try #require(logprobs["tokens"]).elements
                let values = try #require(logprobs["token_logprobs"]).elements
                let top = try #require(logprobs["top_logprobs"]).elements
                let offsets = try #require(logprobs["text_offset"]).elements.compactMap(\.integer)
                #expect(Set([tokens.count, values.count, top.count, offsets.count]) == [example.tokens.count])
                #expect(values[0] == .null && top[0] == .null)
                let sum = values.dropFirst().compactMap(\.double).reduce(0, +)
                #expect(abs(sum - example.logprobSum) < 0.05)
                #expect(offsets == offsets.sorted() && offsets[0] == 0)
                let scalars = Array(example.text.unicodeScalars)
                for (index, token) in tokens.enumerated() {
                    guard let text = token.text, !text.hasPrefix("bytes:") else { continue }
                    let start = offsets[index]
                    #expect(Array(text.unicodeScalars) == Array(scalars[start..<min(scalars.count, start + text.unicodeScalars.count)]))
                }
                for case (let value, .object(let alternatives)) in zip(values, top) {
                    #expect((2...3).contains(alternatives.count))
                    #expect(alternatives.contains { $0.value == value })
                }
            }
        }
    }

    @Test("a stream's texts are the plain answer's; usage comes last where it is asked for")
    func streaming() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let members =
                #""model": "tiny", "prompt": "The model", "max_tokens": 24, "temperature": 0, "ignore_eos": true, "echo": true, "logprobs": 1"#
            let whole = try #require(try await server.client.post("/v1/completions", "{\(members)}").json()["choices"]?[0])
            let answer = try await server.client.post(
                "/v1/completions",
                "{\(members), \"stream\": true, \"stream_options\": {\"include_usage\": true}}"
            )
            #expect(answer.fields["content-type"]?.hasPrefix("text/event-stream") == true)
            #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
            let events = try answer.events()
            let choices = events.compactMap { $0["choices"]?[0] }
            #expect(choices.compactMap { $0["text"]?.text }.joined() == whole["text"]?.text)
            #expect(choices.last?["finish_reason"]?.text == "length")
            #expect(choices.dropLast().allSatisfy { $0["finish_reason"] == .null })
            for list in ["tokens", "token_logprobs", "text_offset"] {
                let streamed = choices.flatMap { $0["logprobs"]?[list]?.elements ?? [] }
                #expect(streamed == whole["logprobs"]?[list]?.elements, "\(list)")
            }
            let usage = try #require(events.last)
            #expect(usage["choices"]?.elements.isEmpty == true)
            #expect(usage["usage"]?["completion_tokens"]?.integer == 24)
        }
    }

    @Test("several choices of one seed differ from each other and come again")
    func choices() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let body = #"{"model": "tiny", "prompt": "x", "n": 3, "seed": 7, "max_tokens": 8, "ignore_eos": true, "logprobs": 0}"#
            func ask() async throws -> [[String]] {
                try await server.client.post("/v1/completions", body).json()["choices"]?.elements.map { choice in
                    choice["logprobs"]?["tokens"]?.elements.compactMap(\.text) ?? []
                } ?? []
            }
            let first = try await ask()
            #expect(first.count == 3)
            #expect(Set(first).count == 3)
            #expect(try await ask() == first)
        }
    }

    @Test("several prompts get choices of their own, in order")
    func prompts() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let body = #"{"model": "tiny", "prompt": ["ab", [53, 73]], "n": 2, "echo": true, "max_tokens": 1, "temperature": 0}"#
            let json = try await server.client.post("/v1/completions", body).json()
            let choices = json["choices"]?.elements ?? []
            #expect(choices.map { $0["index"]?.integer } == [0, 1, 2, 3])
            #expect(choices[0]["text"]?.text?.hasPrefix("ab") == true)
            #expect(choices[0]["text"] == choices[1]["text"])
            #expect(choices[2]["text"]?.text?.hasPrefix("Th") == true)
        }
    }

    @Test("a stop string ends the text before it")
    func stop() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let members = #""model": "tiny", "prompt": "def f(x)", "max_tokens": 40, "temperature": 0, "ignore_eos": true"#
            let whole = try #require(try await server.client.post("/v1/completions", "{\(members)}").json()["choices"]?[0]?["text"]?.text)
            let middle = try #require(
                whole.unicodeScalars.dropFirst(whole.unicodeScalars.count / 2).first { $0.isASCII && $0.value >= 0x30 && $0.value < 0x7F }
            )
            let answer = try await server.client.post("/v1/completions", "{\(members), \"stop\": [\"\(middle)\"]}").json()
            let choice = try #require(answer["choices"]?[0])
            #expect(choice["finish_reason"]?.text == "stop")
            #expect(choice["text"]?.text == whole.components(separatedBy: String(middle))[0])
        }
    }

    @Test(
        "refusals name the field",
        arguments: [
            (#"{"model": "nobody", "prompt": "x"}"#, 404, "model"),
            (#"{"model": "tiny", "prompt": ""}"#, 400, "prompt"),
            (#"{"model": "tiny", "prompt": [384]}"#, 400, "prompt"),
            (#"{"model": "tiny", "prompt": "x", "max_tokens": 100000}"#, 400, "prompt"),
            (#"{"model": "tiny", "prompt": "x", "logit_bias": {"384": 1}}"#, 400, "logit_bias"),
            (#"{"model": "tiny", "prompt": "x", "control": {"head": "nobody"}}"#, 404, "control.head"),
        ]
    )
    func refusals(body: String, status: Int, parameter: String) async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for stream in ["", #", "stream": true"#] {
                let answer = try await server.client.post("/v1/completions", String(body.dropLast()) + stream + "}")
                #expect(answer.status == status)
                #expect(try answer.json()["error"]?["param"]?.text == parameter)
            }
        }
    }
}

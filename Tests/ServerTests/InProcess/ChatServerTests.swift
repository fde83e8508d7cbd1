import Foundation
import Server
import TestSupport
import Testing

@Suite("chats with the default model", .enabled(if: GoldenFiles.model != nil, "needs the default model: make model"))
struct ChatServerTests {
    private struct Golden: Decodable {
        struct Chat: Decodable {
            struct Message: Codable {
                let role: String
                let content: String
            }
            let messages: [Message]
            let tokens: [Int]
            let greedyPieces: [String]
            let greedyMargins: [Double]
            let steeredPieces: [String]
            let steeredMargins: [Double]

            enum CodingKeys: String, CodingKey {
                case messages, tokens
                case greedyPieces = "greedy_pieces"
                case greedyMargins = "greedy_margins"
                case steeredPieces = "steered_pieces"
                case steeredMargins = "steered_margins"
            }
        }
        let chats: [Chat]
    }

    private func run(_ body: (TestServer) async throws -> Void) async throws {
        let model = try #require(GoldenFiles.model)
        try await TestServer.run(
            models: [ModelSettings(id: "smollm2", path: model.path)],
            configure: { $0.bundledHeads = GoldenFiles.repositoryFile("Config/heads").path },
            body
        )
    }

    /// The part of a continuation that any sound implementation agrees on: up to the first token whose margin is small.
    private func certain(_ pieces: [String], _ margins: [Double]) -> String {
        let count = margins.firstIndex { $0 < 0.5 } ?? pieces.count
        return pieces.prefix(count).joined()
    }

    @Test("greedy chats, plain and steered by the bundled head, go as the reference goes")
    func reference() async throws {
        let golden = try #require(try GoldenFiles.json("smollm2/chats.json", as: Golden.self))
        try await run { (server: TestServer) async throws in
            for chat in golden.chats {
                let messages = String(decoding: try JSONEncoder().encode(chat.messages), as: UTF8.self)
                for (control, expected) in [
                    ("", certain(chat.greedyPieces, chat.greedyMargins)),
                    (#", "control": {"head": "sentiment"}"#, certain(chat.steeredPieces, chat.steeredMargins)),
                ] {
                    let body = #"{"model": "smollm2", "messages": \#(messages), "max_tokens": 32, "temperature": 0\#(control)}"#
                    let json = try await server.client.post("/v1/chat/completions", body).json()
                    #expect(json["usage"]?["prompt_tokens"]?.integer == chat.tokens.count)
                    #expect(json["choices"]?[0]?["message"]?["content"]?.text?.hasPrefix(expected) == true)
                    #expect(json["choices"]?[0]?["message"]?["role"]?.text == "assistant")
                }
            }
        }
    }

    @Test("a steered stream: role first, text, finish reason with the report last, a trace on the chunks of the tokens")
    func steeredStream() async throws {
        try await run { (server: TestServer) async throws in
            let body = #"""
                {"model": "smollm2", "stream": true, "max_tokens": 12, "temperature": 0, "ignore_eos": true,
                 "messages": [{"role": "user", "content": "Tell me what you think about rainy weekends."}],
                 "control": {"head": "sentiment", "steps": 30, "step_size": 1.0, "trace": true}}
                """#
            let answer = try await server.client.post("/v1/chat/completions", body)
            #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
            let events = try answer.events()
            let choices = events.compactMap { $0["choices"]?[0] }
            #expect(choices.first?["delta"]?["role"]?.text == "assistant")
            #expect(choices.last?["finish_reason"]?.text == "length")
            #expect(events.dropLast().allSatisfy { $0["control"] == nil })
            let report = try #require(events.last?["control"])
            #expect(report["head"]?.text == "sentiment")
            #expect(report["version"]?.integer == 1)
            #expect(report["heads"]?[0]?["weight"]?.double == 1)
            #expect(report["tokens"]?.integer == 12)
            let before = try #require(report["value_before"]?.double)
            let after = try #require(report["value_after"]?.double)
            #expect(after > before)
            #expect(try #require(report["norm"]?.double) > 0)
            #expect(try #require(report["kl"]?.double) > 0)
            #expect(try #require(report["seconds"]?.double) > 0)
            let trace = choices.flatMap { $0["control_trace"]?.elements ?? [] }
            #expect(trace.count == 12)
            #expect(trace.allSatisfy { $0["token"]?.text != nil && $0["value_after"]?.double != nil && $0["kl"]?.double != nil })
            let mean = trace.compactMap { $0["value_after"]?.double }.reduce(0, +) / 12
            #expect(abs(mean - after) < 1e-3 * max(1, abs(after)))
        }
    }

    @Test("without trace or budget there is no kl; with a budget no token moves further")
    func divergence() async throws {
        try await run { (server: TestServer) async throws in
            func ask(_ control: String) async throws -> JSONValue {
                let body = #"""
                    {"model": "smollm2", "max_tokens": 8, "temperature": 0, "ignore_eos": true,
                     "messages": [{"role": "user", "content": "Describe a train journey."}], "control": {"head": "sentiment", \#(control)}}
                    """#
                return try await server.client.post("/v1/chat/completions", body).json()
            }
            #expect(try await ask(#""steps": 30"#)["control"]?["kl"] == .null)
            let bounded = try await ask(#""kl_budget": 0.05, "trace": true"#)
            let trace = bounded["choices"]?[0]?["control_trace"]?.elements ?? []
            #expect(trace.count == 8)
            #expect(trace.allSatisfy { ($0["kl"]?.double ?? 1) <= 0.0501 })
        }
    }

    private func askLogprobs(_ server: TestServer, _ alternatives: Int, _ member: String, _ content: String) async throws -> TestAnswer {
        let body = #"""
            {"model": "smollm2", "temperature": 0, "logprobs": true, "top_logprobs": \#(alternatives), \#(member),
             "messages": [{"role": "user", "content": "\#(content)"}]}
            """#
        return try await server.client.post("/v1/chat/completions", body)
    }

    @Test("log-probabilities of a chat carry tokens, bytes and alternatives")
    func logprobs() async throws {
        try await run { (server: TestServer) async throws in
            let choice = try #require(try await askLogprobs(server, 3, #""max_tokens": 5"#, "Hello").json()["choices"]?[0])
            let content = try #require(choice["logprobs"]?["content"]).elements
            #expect(content.count == 5)
            for entry in content {
                let top = try #require(entry["top_logprobs"]).elements
                #expect(top.count == 3)
                #expect(top[0]["token"] == entry["token"] && top[0]["logprob"] == entry["logprob"])
                #expect(entry["bytes"]?.elements.compactMap(\.integer).count == entry["token"]?.text?.utf8.count)
            }
        }
    }

    @Test("log-probabilities of answers without max_tokens are given, however many there could be")
    func openLogprobs() async throws {
        try await run { (server: TestServer) async throws in
            let answer = try await askLogprobs(server, 20, #""n": 8"#, "Say only: yes")
            #expect(answer.status == 200, "\(answer.text.prefix(300))")
            #expect(try answer.json()["choices"]?.elements.count == 8)
        }
    }

    @Test("an answer without max_tokens ends where the model ends it")
    func endOfMessage() async throws {
        try await run { (server: TestServer) async throws in
            let body =
                #"{"model": "smollm2", "temperature": 0, "messages": [{"role": "user", "content": "Describe a train journey in two sentences."}]}"#
            let json = try await server.client.post("/v1/chat/completions", body).json()
            #expect(json["choices"]?[0]?["finish_reason"]?.text == "stop")
            #expect(json["choices"]?[0]?["message"]?["content"]?.text?.contains("<|im_end|>") == false)
        }
    }
}

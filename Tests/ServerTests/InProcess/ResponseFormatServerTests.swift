import Foundation
import Server
import TestSupport
import Testing

@Suite("answers of a format over a socket", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct ResponseFormatServerTests {
    private let schema = #"""
        {"type": "object", "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 5}, "age": {"type": "integer", "minimum": 0, "maximum": 120},
         "tags": {"type": "array", "items": {"enum": ["a", "bc", 3]}, "minItems": 1, "maxItems": 2}, "next": {"anyOf": [{"type": "null"}, {"$ref": "#"}]}},
         "required": ["name", "age", "tags", "next"], "additionalProperties": false}
        """#

    private func body(_ seed: Int, tokens: Int, _ more: String = "") -> String {
        #"""
        {"model": "tiny", "prompt": "x", "temperature": 2, "seed": \#(seed), "max_tokens": \#(tokens)\#(more),
         "response_format": {"type": "json_schema", "json_schema": {"name": "person", "schema": \#(schema)}}}
        """#
    }

    /// Whether a value is one of the schema, checked by hand.
    private func isPerson(_ value: JSONValue, depth: Int = 0) -> Bool {
        guard case .object(let members) = value, members.names.map(\.text) == ["name", "age", "tags", "next"],
            let name = value["name"]?.text, (1...5).contains(name.unicodeScalars.count),
            let age = value["age"]?.integer, (0...120).contains(age), let tags = value["tags"]?.elements, (1...2).contains(tags.count),
            tags.allSatisfy({ $0.text == "a" || $0.text == "bc" || $0.integer == 3 })
        else { return false }
        return value["next"] == .null || isPerson(value["next"] ?? .null, depth: depth + 1)
    }

    @Test("a model of random weights answers with values of the schema, whatever it draws and however few tokens it has")
    func schemaHolds() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let refusal = try await server.client.post("/v1/completions", body(1, tokens: 1)).json()["error"]
            #expect(refusal?["param"]?.text == "max_tokens")
            let numbers = refusal?["message"]?.text?.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) } ?? []
            let least = try #require(numbers.last)
            #expect(least > 10)
            #expect(try await server.client.post("/v1/completions", body(1, tokens: least - 1)).status == 400)
            for seed in 0..<24 {
                let tokens = least + [0, 1, 3, 40, 200][seed % 5]
                let json = try await server.client.post("/v1/completions", body(seed, tokens: tokens)).json()
                let choice = try #require(json["choices"]?[0], "\(json)")
                let text = try #require(choice["text"]?.text)
                #expect(isPerson(try JSONParser.parse(text)), "\(text)")
                #expect(choice["finish_reason"]?.text == "stop")
                #expect(try #require(json["usage"]?["completion_tokens"]?.integer) <= tokens)
                let outside = text.replacingOccurrences(of: #""(\\.|[^"\\])*""#, with: "", options: .regularExpression)
                #expect(!outside.isEmpty && !outside.contains(where: \.isWhitespace))
            }
        }
    }

    @Test("a chat of json_object is an object, streamed as well, several at once, and steered")
    func object() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.upload("up")
            let more = #""model": "tiny", "prompt": "x", "temperature": 2, "max_tokens": 30, "response_format": {"type": "json_object"}"#
            let several = try await server.client.post("/v1/completions", #"{"n": 4, "seed": 5, \#(more)}"#).json()
            #expect(several["choices"]?.elements.count == 4)
            for choice in several["choices"]?.elements ?? [] {
                guard case .object = try JSONParser.parse(choice["text"]?.text ?? "") else { throw TestFailure("no object: \(choice)") }
            }
            let steered = try await server.client.post(
                "/v1/completions",
                #"{"stream": true, "seed": 6, "control": {"head": "up"}, \#(more)}"#
            )
            let text = try steered.events().compactMap { $0["choices"]?[0]?["text"]?.text }.joined()
            guard case .object = try JSONParser.parse(text) else { throw TestFailure("no object: \(text)") }
        }
    }

    @Test("the same seed gives the same value among others and alone, and biased tokens do not break it")
    func invariance() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let alone = try await server.client.post("/v1/completions", body(7, tokens: 80)).json()["choices"]?[0]?["text"]
            async let first = server.client.post("/v1/completions", body(7, tokens: 80))
            async let second = server.client.post("/v1/completions", body(8, tokens: 80))
            let (one, _) = try await (first, second)
            #expect(try one.json()["choices"]?[0]?["text"] == alone)
            let bias = (0..<200).map { #""\#($0)": 100"# }.joined(separator: ",")
            let biased = try await server.client.post("/v1/completions", body(9, tokens: 80, #", "logit_bias": {\#(bias)}"#)).json()
            #expect(isPerson(try JSONParser.parse(biased["choices"]?[0]?["text"]?.text ?? "")))
        }
    }

    @Test("an answer that the context has no room for is refused by the text before it")
    func room() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let format =
                #""response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "string", "minLength": 90000}}}"#
            let error = try await server.client.post("/v1/completions", #"{"model": "tiny", "prompt": "x", \#(format)}"#).json()["error"]
            #expect(error?["param"]?.text == "prompt" && error?["message"]?.text?.contains("room for") == true)
        }
    }

    @Test("a schema that no finite value fits is refused")
    func endless() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let schema = ##"{"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}"##
            let json =
                #"{"model": "tiny", "prompt": "x", "response_format": {"type": "json_schema", "json_schema": {"schema": \#(schema)}}}"#
            let answer = try await server.client.post("/v1/completions", json)
            #expect(answer.status == 400)
            #expect(try answer.json()["error"]?["param"]?.text == "response_format")
        }
    }
}

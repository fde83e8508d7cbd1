import Server
import Testing
import Tokenizers

@Suite("requests of /v1/chat/completions")
struct ChatRequestTests {
    private static func decode(_ members: String) throws -> ChatRequest {
        try ChatRequest(JSONParser.parse("{\"model\":\"m\",\(members)}"), limits: RequestLimits())
    }

    @Test("messages with strings, text parts and every role")
    func messages() throws {
        let request = try Self.decode(
            #"""
            "messages": [{"role": "developer", "content": "Be brief.", "name": "x"}, {"role": "user", "content": [{"type": "text", "text": "a"},
            {"type": "text", "text": "b"}]}, {"role": "assistant", "content": null, "tool_calls": []}, {"role": "tool", "content": ""}]
            """#
        )
        #expect(
            request.messages == [
                ChatMessage(role: "system", content: "Be brief."), ChatMessage(role: "user", content: "a\nb"),
                ChatMessage(role: "assistant", content: ""), ChatMessage(role: "tool", content: ""),
            ]
        )
    }

    @Test("max_completion_tokens wins over max_tokens")
    func maximumTokens() throws {
        let messages = #""messages": [{"role": "user", "content": "x"}]"#
        #expect(try Self.decode(messages).options.maximumTokens == nil)
        #expect(try Self.decode(messages + #", "max_tokens": 5"#).options.maximumTokens == 5)
        #expect(try Self.decode(messages + #", "max_tokens": 5, "max_completion_tokens": 7"#).options.maximumTokens == 7)
    }

    @Test(
        "what is wrong is named",
        arguments: [
            (#""n": 1"#, "messages"),
            (#""messages": "x""#, "messages"),
            (#""messages": []"#, "messages"),
            (#""messages": [5]"#, "messages[0]"),
            (#""messages": [{"content": "x"}]"#, "messages[0].role"),
            (#""messages": [{"role": "king", "content": "x"}]"#, "messages[0].role"),
            (#""messages": [{"role": "user"}]"#, "messages[0].content"),
            (#""messages": [{"role": "user", "content": 5}]"#, "messages[0].content"),
            (#""messages": [{"role": "user", "content": ["x"]}]"#, "messages[0].content[0]"),
            (#""messages": [{"role": "user", "content": [{"type": "image_url"}]}]"#, "messages[0].content[0].type"),
            (#""messages": [{"role": "user", "content": [{"type": "text"}]}]"#, "messages[0].content[0].text"),
            (#""messages": [{"role": "user", "content": "x"}], "max_tokens": 0"#, "max_tokens"),
            (#""messages": [{"role": "user", "content": "x"}], "top_logprobs": 5"#, "top_logprobs"),
            (#""messages": [{"role": "user", "content": "x"}], "logprobs": true, "top_logprobs": 21"#, "top_logprobs"),
            (#""messages": [{"role": "user", "content": "x"}], "logprobs": 5"#, "logprobs"),
            (#""messages": [{"role": "user", "content": "x"}], "tools": [{}]"#, "tools"),
            (#""messages": [{"role": "user", "content": "x"}], "response_format": {"type": "yaml"}"#, "response_format.type"),
        ]
    )
    func refusals(members: String, parameter: String) {
        let error = #expect(throws: APIError.self) { try Self.decode(members) }
        #expect(error?.parameter == parameter)
        #expect(error?.status == .badRequest)
    }
}

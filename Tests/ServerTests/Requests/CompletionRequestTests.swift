import Server
import Testing

@Suite("requests of /v1/completions")
struct CompletionRequestTests {
    private static func decode(_ members: String, limits: RequestLimits = RequestLimits()) throws -> CompletionRequest {
        let separator = members.isEmpty ? "" : ","
        return try CompletionRequest(JSONParser.parse("{\"model\":\"m\"\(separator)\(members)}"), limits: limits)
    }

    @Test("defaults are OpenAI's")
    func defaults() throws {
        let request = try Self.decode(#""prompt": "Hi""#)
        #expect(request.prompts == [.text("Hi")])
        #expect(request.options.maximumTokens == nil)
        #expect(request.options.choices == 1)
        #expect(request.options.sampling.temperature == 1)
        #expect(!request.options.stream && !request.echo && request.logprobs == nil && request.options.control == nil)
    }

    @Test("a prompt is a string, token ids, or a list of either")
    func prompts() throws {
        #expect(try Self.decode(#""prompt": """#).prompts == [.text("")])
        #expect(try Self.decode(#""prompt": [1, 2, 3.0]"#).prompts == [.tokens([1, 2, 3])])
        #expect(try Self.decode(#""prompt": ["a", "b"]"#).prompts == [.text("a"), .text("b")])
        #expect(try Self.decode(#""prompt": [[1], [2]]"#).prompts == [.tokens([1]), .tokens([2])])
    }

    @Test("unknown fields are ignored, null counts as left out")
    func leniency() throws {
        let request = try Self.decode(
            #""prompt": "x", "nobody_knows": {"a": 1}, "user": "me", "max_tokens": null, "stop": null, "logit_bias": null, "n": null"#
        )
        #expect(request.options.maximumTokens == nil)
    }

    @Test("every field is read")
    func fields() throws {
        let request = try Self.decode(
            #"""
            "prompt": "x", "max_tokens": 0, "echo": true, "logprobs": 5, "n": 2, "stop": ["a", "b"], "seed": -1, "temperature": 0.5, "top_p": 0.9,
            "top_k": 40, "min_p": 0.1, "repetition_penalty": 1.1, "presence_penalty": -2, "frequency_penalty": 2, "logit_bias": {"7": -100},
            "stream": true, "stream_options": {"include_usage": true}, "ignore_eos": true
            """#
        )
        #expect(request.options.maximumTokens == 0)
        #expect(request.echo)
        #expect(request.logprobs == 5)
        #expect(request.options.choices == 2)
        #expect(request.options.stop == ["a", "b"])
        #expect(request.options.sampling.seed == .max)
        #expect(request.options.sampling.temperature == 0.5)
        #expect(request.options.sampling.logitBias == [7: -100])
        #expect(request.options.stream && request.options.includeUsage && request.options.ignoreEndOfSequence)
    }

    @Test(
        "seeds of 64 bits, signed or not",
        arguments: [
            ("0", 0), ("-9223372036854775808", 0x8000_0000_0000_0000), ("18446744073709551615", UInt64.max), ("5.0", 5),
        ] as [(String, UInt64)]
    )
    func seeds(text: String, expected: UInt64) throws {
        #expect(try Self.decode("\"prompt\": \"x\", \"seed\": \(text)").options.sampling.seed == expected)
    }

    @Test(
        "a field of the wrong type or out of range is named",
        arguments: [
            (#""max_tokens": 5"#, "prompt"),
            (#""prompt": 5"#, "prompt"),
            (#""prompt": []"#, "prompt"),
            (#""prompt": [[]]"#, "prompt"),
            (#""prompt": [1, "a"]"#, "prompt"),
            (#""prompt": [-1]"#, "prompt"),
            (#""prompt": [1.5]"#, "prompt"),
            (#""prompt": [2147483648]"#, "prompt"),
            (#""prompt": [true]"#, "prompt"),
            (#""prompt": "x", "max_tokens": -1"#, "max_tokens"),
            (#""prompt": "x", "max_tokens": "5""#, "max_tokens"),
            (#""prompt": "x", "max_tokens": true"#, "max_tokens"),
            (#""prompt": "x", "max_tokens": 1.5"#, "max_tokens"),
            (#""prompt": "x", "max_tokens": 1e999"#, "max_tokens"),
            (#""prompt": "x", "max_tokens": 99999999999999999999"#, "max_tokens"),
            (#""prompt": "x", "temperature": 2.01"#, "temperature"),
            (#""prompt": "x", "temperature": -0.01"#, "temperature"),
            (#""prompt": "x", "temperature": "1""#, "temperature"),
            (#""prompt": "x", "temperature": 1e999"#, "temperature"),
            (#""prompt": "x", "top_p": 0"#, "top_p"),
            (#""prompt": "x", "top_p": 1.1"#, "top_p"),
            (#""prompt": "x", "n": 0"#, "n"),
            (#""prompt": "x", "n": 17"#, "n"),
            (#""prompt": "x", "stop": 5"#, "stop"),
            (#""prompt": "x", "stop": [5]"#, "stop"),
            (#""prompt": "x", "stop": """#, "stop"),
            (#""prompt": "x", "stop": ["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]"#, "stop"),
            (#""prompt": "x", "stop": ["a", "\#(String(repeating: "b", count: 4096))"]"#, "stop"),
            (#""prompt": "x", "seed": 1.5"#, "seed"),
            (#""prompt": "x", "seed": 18446744073709551616"#, "seed"),
            (#""prompt": "x", "logprobs": 21"#, "logprobs"),
            (#""prompt": "x", "logprobs": true"#, "logprobs"),
            (#""prompt": "x", "echo": 1"#, "echo"),
            (#""prompt": "x", "stream": "yes""#, "stream"),
            (#""prompt": "x", "stream_options": {}"#, "stream_options"),
            (#""prompt": "x", "stream": true, "stream_options": {"include_usage": 1}"#, "stream_options.include_usage"),
            (#""prompt": "x", "top_k": -2"#, "top_k"),
            (#""prompt": "x", "min_p": 1.1"#, "min_p"),
            (#""prompt": "x", "repetition_penalty": 0"#, "repetition_penalty"),
            (#""prompt": "x", "presence_penalty": 2.1"#, "presence_penalty"),
            (#""prompt": "x", "frequency_penalty": -2.1"#, "frequency_penalty"),
            (#""prompt": "x", "logit_bias": []"#, "logit_bias"),
            (#""prompt": "x", "logit_bias": {"a": 1}"#, "logit_bias"),
            (#""prompt": "x", "logit_bias": {"-1": 1}"#, "logit_bias"),
            (#""prompt": "x", "logit_bias": {"1": 101}"#, "logit_bias.1"),
            (#""prompt": "x", "suffix": "y""#, "suffix"),
            (#""prompt": "x", "user": 5"#, "user"),
            (#""prompt": "x", "n": 3, "best_of": 2"#, "best_of"),
            (#""prompt": "x", "model": 5"#, "model"),
            (#""prompt": "x", "control": "positivity""#, "control"),
        ]
    )
    func refusals(members: String, parameter: String) throws {
        let error = #expect(throws: APIError.self) { try Self.decode(members) }
        #expect(error?.status == .badRequest)
        #expect(error?.parameter == parameter)
        #expect(error?.message.contains(parameter.split(separator: ".")[0]) == true)
    }

    @Test("a model must be named, and a body must be an object")
    func model() throws {
        let error = #expect(throws: APIError.self) { try CompletionRequest(JSONParser.parse(#"{"prompt": "x"}"#), limits: RequestLimits()) }
        #expect(error?.parameter == "model")
        #expect(throws: APIError.self) { try CompletionRequest(JSONParser.parse("[]"), limits: RequestLimits()) }
    }

    @Test("limits come from the configuration")
    func limits() throws {
        var limits = RequestLimits()
        limits.maximumTokens = 10
        limits.choices = 2
        #expect(try Self.decode(#""prompt": "x", "max_tokens": 10, "n": 2"#, limits: limits).options.maximumTokens == 10)
        #expect(throws: APIError.self) { try Self.decode(#""prompt": "x", "max_tokens": 11"#, limits: limits) }
        #expect(throws: APIError.self) { try Self.decode(#""prompt": "x", "n": 3"#, limits: limits) }
    }
}

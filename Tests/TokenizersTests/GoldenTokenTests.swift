import Foundation
import ModelFiles
import TestSupport
import Testing
import Tokenizers

@Suite("Golden tokens", .enabled(if: GoldenFiles.model != nil, "needs the default model: make model"))
struct GoldenTokenTests {
    private struct Text: Decodable {
        let text: String
        let tokens: [TokenID]
    }

    private struct Chats: Decodable {
        struct Chat: Decodable {
            struct Message: Decodable {
                let role: String
                let content: String
            }
            let messages: [Message]
            let prompt: String
            let tokens: [TokenID]
        }
        let chats: [Chat]
    }

    @Test(
        "every golden text gives llama.cpp's tokens, and its own bytes back",
        .enabled(if: GoldenFiles.url("smollm2/tokens.json") != nil, "needs golden smollm2/tokens.json")
    )
    func matchesLlamaCpp() throws {
        let tokenizer = try #require(try SmolLM2Tokenizer.load())
        let goldens = try #require(try GoldenFiles.json("smollm2/tokens.json", as: [Text].self))
        #expect(goldens.count >= 20)
        for golden in goldens {
            let tokens = tokenizer.encode(golden.text, parseSpecial: true, addBeginning: true)
            #expect(tokens == golden.tokens, "\(golden.text.debugDescription)")
            #expect(tokens.flatMap { tokenizer.bytes(of: $0) } == Array(golden.text.utf8))
            var decoder = StreamingDecoder(tokenizer: tokenizer, skipSpecial: false)
            let streamed = tokens.map { decoder.append($0) }.joined() + decoder.finish()
            #expect(streamed.utf8.elementsEqual(golden.text.utf8))
        }
    }

    @Test("a wider corpus gives Hugging Face's tokens, and its own bytes back")
    func matchesHuggingFace() throws {
        let tokenizer = try #require(try SmolLM2Tokenizer.load())
        let goldens = try #require(try GoldenFiles.json("tokenizers/smollm2.json", as: [Text].self))
        #expect(goldens.count > 100)
        for golden in goldens {
            let tokens = tokenizer.encode(golden.text, parseSpecial: true, addBeginning: true)
            #expect(tokens == golden.tokens, "\(golden.text.debugDescription)")
            #expect(tokens.flatMap { tokenizer.bytes(of: $0) } == Array(golden.text.utf8))
        }
    }

    @Test(
        "chats give the reference's prompts and tokens",
        .enabled(if: GoldenFiles.url("smollm2/chats.json") != nil, "needs golden smollm2/chats.json")
    )
    func rendersChats() throws {
        let gguf = try #require(try SmolLM2Tokenizer.gguf())
        let tokenizer = try Tokenizer(gguf: gguf)
        let template = try ChatTemplate(source: try #require(try gguf.string("tokenizer.chat_template")))
        let goldens = try #require(try GoldenFiles.json("smollm2/chats.json", as: Chats.self)).chats
        #expect(!goldens.isEmpty)
        for golden in goldens {
            let messages = golden.messages.map { ChatMessage(role: $0.role, content: $0.content) }
            let prompt = try template.render(messages: messages, addGenerationPrompt: true)
            #expect(prompt == golden.prompt)
            #expect(tokenizer.encode(prompt, parseSpecial: true, addBeginning: true) == golden.tokens)
        }
    }

    @Test("special tokens are text where they are not parsed; end-of-turn tokens end a generation")
    func specialTokens() throws {
        let tokenizer = try #require(try SmolLM2Tokenizer.load())
        let text = "<|im_start|>user<|im_end|>"
        #expect(tokenizer.encode(text, parseSpecial: true, addBeginning: true) == [1, 4093, 2])
        let plain = tokenizer.encode(text, parseSpecial: false, addBeginning: true)
        #expect(!plain.contains(1) && !plain.contains(2) && tokenizer.decode(plain, skipSpecial: true) == text)
        #expect(tokenizer.isEndOfGeneration(2) && tokenizer.isEndOfGeneration(0) && !tokenizer.isEndOfGeneration(1))
        #expect(tokenizer.decode([1, 4093, 2], skipSpecial: true) == "user")
        #expect(tokenizer.bytes(of: -1).isEmpty && tokenizer.bytes(of: .max).isEmpty)
    }

    @Test("any bytes encode and decode to themselves, and every prefix streams whole characters")
    func anyBytes() throws {
        let tokenizer = try #require(try SmolLM2Tokenizer.load())
        var state: UInt64 = 1
        for length in [1, 2, 3, 17, 100, 1000] {
            let bytes = (0..<length).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            }
            let tokens = tokenizer.encode(bytes, parseSpecial: true, addBeginning: false)
            let kept = bytes.filter { !tokenizer.missingBytes.contains($0) }
            #expect(tokens.flatMap { tokenizer.bytes(of: $0) } == kept)
            var decoder = StreamingDecoder(tokenizer: tokenizer, skipSpecial: false)
            let text = tokens.map { decoder.append($0) }.joined() + decoder.finish()
            #expect(text.utf8.elementsEqual(String(decoding: kept, as: UTF8.self).utf8))
        }
    }

    @Test("a long word of one letter, of spaces or of digits takes no quadratic time")
    func longWords() throws {
        let tokenizer = try #require(try SmolLM2Tokenizer.load())
        for unit in ["a", " ", "7", "<", "é", "'"] {
            let text = String(repeating: unit, count: 300_000)
            let start = ContinuousClock.now
            let tokens = tokenizer.encode(text, parseSpecial: true, addBeginning: false)
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(tokenizer.decode(tokens, skipSpecial: false) == text)
        }
    }
}

import Control
import Foundation
import Inference
import ModelFiles
import TestSupport
import Testing

/// SmolLM2's greedy and steered continuations against PyTorch's.
@Suite("Golden chats", .enabled(if: GoldenFiles.model != nil, "needs the default model: make model"))
struct GoldenChatTests {
    private struct Golden: Decodable {
        struct Chat: Decodable {
            let tokens: [Int32]
            let greedy: [Int32]
            let greedyMargins: [Float]
            let steered: [Int32]
            let steeredMargins: [Float]

            enum CodingKeys: String, CodingKey {
                case tokens, greedy, steered
                case greedyMargins = "greedy_margins"
                case steeredMargins = "steered_margins"
            }
        }

        let steps: Int
        let stepSize: Float
        let chats: [Chat]

        enum CodingKeys: String, CodingKey {
            case steps, chats
            case stepSize = "step_size"
        }
    }

    /// Where the reference's own margin is small another sound implementation may differ, and then what follows differs too.
    private func check(_ found: [Int32], _ expected: [Int32], _ margins: [Float]) -> Int {
        for (index, (token, reference)) in zip(found, expected).enumerated() where token != reference {
            #expect(margins[index] <= 0.5, "token \(index): \(token), expected \(reference)")
            return index
        }
        return min(found.count, expected.count)
    }

    @Test(
        "greedy and steered continuations equal the reference wherever its margin exceeds 0.5",
        .enabled(if: GoldenFiles.url("smollm2/chats.json") != nil, "needs golden smollm2/chats.json")
    )
    func continuations() async throws {
        let golden = try #require(try GoldenFiles.json("smollm2/chats.json", as: Golden.self))
        let pool = TestModels.pool([ModelSpecification(model: try #require(try TestModels.smolLM2()))])
        defer { pool.stop() }
        let controller = try Sentiment.controller { settings in
            settings.steps = golden.steps
            settings.stepSize = golden.stepSize
        }
        var compared = 0
        for chat in golden.chats {
            for (control, expected, margins) in [(nil, chat.greedy, chat.greedyMargins), (controller, chat.steered, chat.steeredMargins)] {
                var request = GenerationRequest(prompt: chat.tokens, maximumTokens: expected.count)
                request.sampling.temperature = 0
                request.ignoresEndOfSequence = true
                request.control = control
                let generation = try await Generation(pool.submit(request, model: "smollm2"))
                #expect(generation.ids.count == expected.count)
                compared += check(generation.ids, expected, margins)
                if control != nil {
                    let summary = try #require(generation.summary?.control)
                    #expect(summary.tokens == expected.count && summary.valueAfter > summary.valueBefore && summary.kl == nil)
                }
            }
        }
        print("equal tokens before the first difference: \(compared) of \(golden.chats.count * 64)")
        #expect(compared > golden.chats.count * 8)
    }
}

/// Controllers of the repository's head.
enum Sentiment {
    static func controller(_ change: (inout ControlSettings) -> Void = { _ in }) throws -> Controller {
        let file = try SafetensorsFile(path: GoldenFiles.repositoryFile("Config/heads/sentiment.safetensors").path)
        let head = WeightedHead(valueFunction: try ValueFunction(file: file), weight: 1, name: "sentiment", version: 1)
        var settings = ControlSettings()
        change(&settings)
        return try Controller(heads: [head], settings: settings, grams: GramCache())
    }
}

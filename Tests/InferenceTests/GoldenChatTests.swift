import Control
import Foundation
import Inference
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

    /// Generates the reference's tokens. Where ours differs, and the reference's own margin is small, another sound implementation may differ
    /// and then what follows differs too: so from there on we go on behind the reference's token.
    ///
    /// - Returns: how many tokens were equal.
    private func compare(_ expected: [Int32], _ margins: [Float], after prompt: [Int32], _ control: Controller?, _ pool: WorkerPool)
        async throws
        -> Int
    {
        var (position, equal) = (0, 0)
        while position < expected.count {
            var request = GenerationRequest(prompt: prompt + expected[..<position], maximumTokens: expected.count - position)
            request.sampling.temperature = 0
            request.ignoresEndOfSequence = true
            request.control = control
            let generation = try await Generation(pool.submit(request, model: "smollm2"))
            #expect(generation.ids.count == expected.count - position)
            if control != nil {
                let summary = try #require(generation.summary?.control)
                #expect(summary.tokens == generation.ids.count && summary.valueAfter > summary.valueBefore && summary.kl == nil)
            }
            let same = zip(generation.ids, expected[position...]).prefix { $0 == $1 }.count
            (position, equal) = (position + same, equal + same)
            guard position < expected.count else { break }
            #expect(margins[position] <= 0.5, "token \(position) is not \(expected[position])")
            position += 1
        }
        return equal
    }

    @Test(
        "greedy and steered continuations equal the reference at every token wherever its margin exceeds 0.5",
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
        var (equal, total) = (0, 0)
        for chat in golden.chats {
            equal += try await compare(chat.greedy, chat.greedyMargins, after: chat.tokens, nil, pool)
            equal += try await compare(chat.steered, chat.steeredMargins, after: chat.tokens, controller, pool)
            total += chat.greedy.count + chat.steered.count
        }
        print("tokens equal to the reference: \(equal) of \(total)")
        #expect(equal * 10 >= total * 9)
    }
}

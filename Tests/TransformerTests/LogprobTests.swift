import Foundation
import TestSupport
import Testing
import Transformer

/// SmolLM2's log-probabilities against PyTorch's F32 pass over the dequantized weights.
@Suite("Log-probabilities")
struct LogprobTests {
    private struct Golden: Decodable {
        let llamaCppMeanKLTop10: Double
        let llamaCppMeanAbsLogprobDifference: Double
        let texts: [Text]

        enum CodingKeys: String, CodingKey {
            case texts
            case llamaCppMeanKLTop10 = "llama_cpp_mean_kl_top10"
            case llamaCppMeanAbsLogprobDifference = "llama_cpp_mean_abs_logprob_difference"
        }
    }

    private struct Text: Decodable {
        let tokens: [Int32]
        let nextTokenLogprobs: [Double]
        let top: [[[Double]]]

        enum CodingKeys: String, CodingKey {
            case tokens, top
            case nextTokenLogprobs = "next_token_logprobs"
        }
    }

    private struct LongGolden: Decodable {
        struct Position: Decodable {
            let position: Int
            let nextTokenLogprob: Double
            let top: [[Double]]

            enum CodingKeys: String, CodingKey {
                case position, top
                case nextTokenLogprob = "next_token_logprob"
            }
        }

        let tokens: [Int32]
        let positions: [Position]
        let llamaCppMeanKLTop10: Double

        enum CodingKeys: String, CodingKey {
            case tokens, positions
            case llamaCppMeanKLTop10 = "llama_cpp_mean_kl_top10"
        }
    }

    private func logSoftmax(_ logits: [Float]) -> [Double] {
        let largest = Double(logits.max() ?? 0)
        let sum = logits.reduce(0.0) { $0 + exp(Double($1) - largest) }
        return logits.map { Double($0) - largest - log(sum) }
    }

    /// KL(reference || ours) over the ten listed outcomes and the rest.
    private func divergence(_ listed: [[Double]], _ ours: [Double]) -> Double {
        var (sum, restReference, restOurs) = (0.0, 1.0, 1.0)
        for pair in listed {
            let (p, q) = (exp(pair[1]), exp(ours[Int(pair[0])]))
            sum += p * (pair[1] - ours[Int(pair[0])])
            restReference -= p
            restOurs -= q
        }
        guard restReference > 1e-9 else { return sum }
        return sum + restReference * log(restReference / max(restOurs, 1e-12))
    }

    @Test(
        "the mean KL from the reference, over its ten best outcomes and the rest, is at most 1.25 times llama.cpp's",
        .enabled(if: GoldenFiles.model != nil, "needs the default model: make model"),
        .enabled(if: GoldenFiles.url("smollm2/logprobs.json") != nil, "needs golden smollm2/logprobs.json")
    )
    func meanDivergence() throws {
        let golden = try #require(try GoldenFiles.json("smollm2/logprobs.json", as: Golden.self))
        let model = try #require(try SmolLM2.load())
        var (divergences, differences): ([Double], [Double]) = ([], [])
        for text in golden.texts {
            let rows = try TestRunner(model, threads: 2, blockCount: 64).logits(text.tokens).map(logSoftmax)
            for (row, listed) in zip(rows, text.top) { divergences.append(divergence(listed, row)) }
            for (index, expected) in text.nextTokenLogprobs.enumerated() {
                differences.append(abs(rows[index][Int(text.tokens[index + 1])] - expected))
            }
        }
        let meanKL = divergences.reduce(0, +) / Double(divergences.count)
        let meanDifference = differences.reduce(0, +) / Double(differences.count)
        print(
            "mean KL \(meanKL) over \(divergences.count) positions (llama.cpp \(golden.llamaCppMeanKLTop10)),",
            "mean |difference of the next token's log-probability| \(meanDifference) (llama.cpp \(golden.llamaCppMeanAbsLogprobDifference))"
        )
        #expect(divergences.count > 100)
        #expect(meanKL <= 1.25 * golden.llamaCppMeanKLTop10)
        #expect(meanDifference <= 1.25 * golden.llamaCppMeanAbsLogprobDifference)
    }

    @Test(
        "the same over a text of the whole context, 8,192 tokens",
        .enabled(if: GoldenFiles.model != nil, "needs the default model: make model"),
        .enabled(if: GoldenFiles.url("smollm2/long.json") != nil, "needs golden smollm2/long.json"),
        .enabled(if: !Sanitizer.isOfThreads, "takes an hour under ThreadSanitizer; the one before runs the same threads")
    )
    func longText() throws {
        let golden = try #require(try GoldenFiles.json("smollm2/long.json", as: LongGolden.self))
        let model = try #require(try SmolLM2.load())
        #expect(golden.tokens.count == model.configuration.contextLength && golden.positions.last?.position ?? 0 > 8180)
        let runner = try TestRunner(model, threads: 2, maximumTokens: 512, blockCount: 512)
        let states = try runner.hiddenStates(golden.tokens, piece: 512)
        var (divergences, differences): ([Double], [Double]) = ([], [])
        for expected in golden.positions {
            runner.runner.hiddenStates.setRow(0, to: states[expected.position])
            runner.runner.computeLogits(stateRows: 0..<1)
            let row = logSoftmax(runner.runner.logits.row(0))
            divergences.append(divergence(expected.top, row))
            differences.append(abs(row[Int(golden.tokens[expected.position + 1])] - expected.nextTokenLogprob))
        }
        let meanKL = divergences.reduce(0, +) / Double(divergences.count)
        let lateKL = divergences.suffix(15).reduce(0, +) / 15
        print("mean KL \(meanKL) over \(divergences.count) positions (llama.cpp \(golden.llamaCppMeanKLTop10)), \(lateKL) at the end")
        #expect(divergences.count == 60 && meanKL <= 1.25 * golden.llamaCppMeanKLTop10 && lateKL < 0.02)
        // The last tokens once more, in pieces of another size.
        let last = golden.tokens.count - 100
        for start in stride(from: last, to: golden.tokens.count, by: 33) {
            let end = min(start + 33, golden.tokens.count)
            runner.batch.removeAll()
            let rows = try runner.batch.append(tokens: golden.tokens[start..<end], position: start, blocks: runner.blocks, output: .all)
            try runner.runner.forward(runner.batch)
            for row in rows { #expect(runner.runner.hiddenStates.row(row) == states[start + row]) }
        }
        #expect(throws: BatchError.positionOutOfRange(8192, contextLength: 8192)) {
            runner.batch.removeAll()
            try runner.batch.append(tokens: [1], position: 8192, blocks: runner.blocks + [0], output: .last)
        }
    }
}

import TestSupport
import Testing
import Transformer

/// Small models with random F32 weights, against PyTorch. The tolerance is that of the golden files: 2e-3 of the largest logit.
@Suite("Golden models")
struct GoldenModelTests {
    @Test(
        "logits, hidden states and argmax equal PyTorch's, the prompt in one piece and in chunks",
        .enabled(if: GoldenModel.names.allSatisfy(GoldenModel.isPresent), "needs ../shared/golden/models"),
        arguments: GoldenModel.names,
        [Int.max, 1, 7]
    )
    func matchesPyTorch(name: String, piece: Int) throws {
        let golden = try #require(try GoldenModel(name))
        for example in golden.expected.examples {
            let test = try TestRunner(golden.model)
            let logits = try test.logits(example.tokens, piece: piece)
            let largest = example.lastLogits.map(abs).max() ?? 0
            let last = try #require(logits.last)
            let difference = zip(last, example.lastLogits).map { abs($0 - $1) }.max() ?? .infinity
            #expect(difference < 2e-3 * largest)
            let argmax = logits.map { row in Int32(row.indices.max { row[$0] < row[$1] } ?? -1) }
            #expect(argmax == example.argmax)
            let hidden = try #require(try TestRunner(golden.model).hiddenStates(example.tokens).last)
            let width = example.lastHidden.map(abs).max() ?? 0
            #expect((zip(hidden, example.lastHidden).map { abs($0 - $1) }.max() ?? .infinity) < 2e-3 * width)
        }
    }
}

import Compute
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
        try check(try #require(try GoldenModel(name)), piece: piece)
    }

    @Test(
        "a Hugging Face folder computes what PyTorch computes with it, the prompt in one piece and in chunks",
        .enabled(if: GoldenModel.names.allSatisfy(GoldenModel.isPresent), "needs ../shared/golden/models"),
        arguments: GoldenModel.names,
        [Int.max, 5]
    )
    func foldersMatchPyTorch(name: String, piece: Int) throws {
        try check(try #require(try GoldenModel(name, isFolder: true)), piece: piece)
    }

    @Test(
        "quantized at load, the logits stay near, the nearer the more bits",
        .enabled(if: GoldenModel.names.allSatisfy(GoldenModel.isPresent), "needs ../shared/golden/models"),
        arguments: GoldenModel.names
    )
    func quantized(name: String) throws {
        func error(_ quantization: WeightQuantization?) throws -> Float {
            let golden = try #require(try GoldenModel(name, isFolder: true, quantization: quantization))
            let example = try #require(golden.expected.examples.first)
            let last = try #require(try TestRunner(golden.model).logits(example.tokens).last)
            let difference = zip(last, example.lastLogits).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            return (difference / example.lastLogits.reduce(0) { $0 + $1 * $1 }).squareRoot()
        }
        let (plain, eight, four) = (try error(nil), try error(.q8_0), try error(.q4_0))
        #expect(plain < 1e-3 && eight > plain && eight < 0.05 && four > 2 * eight && four < 0.5)
    }

    private func check(_ golden: GoldenModel, piece: Int) throws {
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

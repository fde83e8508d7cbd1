import TestSupport
import Testing
import Transformer

@Suite("The output matrix")
struct OutputMatrixTests {
    @Test(
        "it gives the logits of hidden states, tied to the embeddings or not",
        .enabled(if: GoldenModel.isPresent("qwen2"), "needs ../shared/golden/models"),
        arguments: ["llama3", "qwen2"]
    )
    func floats(name: String) throws {
        let golden = try #require(try GoldenModel(name))
        let tokens = try #require(golden.expected.examples.first).tokens
        try check(golden.model, tokens: tokens, tolerance: 1e-3)
    }

    @Test("packed and quantized, too", .enabled(if: GoldenFiles.model != nil, "needs `make model`"))
    func quantized() throws {
        // The products of the engine take the states in 8 bits.
        try check(try #require(try SmolLM2.load()), tokens: [1, 9690, 198, 2683, 359], tolerance: 0.02)
    }

    private func check(_ model: LanguageModel, tokens: [Int32], tolerance: Float) throws {
        let state = try #require(try TestRunner(model).hiddenStates(tokens).last)
        let logits = try #require(try TestRunner(model).logits(tokens, piece: .max).last)
        let matrix = model.outputMatrix()
        #expect(matrix.rows == model.configuration.vocabularySize && matrix.columns == state.count)
        let largest = logits.map(abs).max() ?? 0
        for row in stride(from: 0, to: matrix.rows, by: 7) {
            let product = zip(matrix.row(row), state).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            #expect(abs(product - logits[row]) < tolerance * largest)
        }
    }
}

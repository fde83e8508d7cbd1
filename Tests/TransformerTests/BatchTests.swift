import TestSupport
import Testing
import Transformer

@Suite("Batch", .enabled(if: GoldenModel.isPresent("llama3"), "needs the reference model llama3"))
struct BatchTests {
    private func runner() throws -> TestRunner {
        try TestRunner(try #require(try GoldenModel("llama3")).model, maximumTokens: 32, blockCount: 4)
    }

    @Test("a piece that does not fit is refused by name, and leaves the batch as it was")
    func refusesBadPieces() throws {
        let test = try runner()
        let (batch, blocks) = (test.batch, test.blocks)
        try batch.append(tokens: [1, 2, 3], position: 0, blocks: blocks, output: .last)
        let many = [Int32](repeating: 1, count: 30)[...]
        let cases: [(BatchError, ArraySlice<Int32>, Int, [Int32])] = [
            (.empty, [], 0, blocks),
            (.full(tokens: 30, maximum: 32), many, 0, blocks),
            (.tokenOutOfRange(384, vocabularySize: 384), [1, 384], 0, blocks),
            (.tokenOutOfRange(-1, vocabularySize: 384), [-1], 0, blocks),
            (.positionOutOfRange(-1, contextLength: 64), [1], -1, blocks),
            (.positionOutOfRange(64, contextLength: 64), [1, 1], 63, blocks),
            (.positionOutOfRange(.max, contextLength: 64), [1, 1], .max, blocks),
            (.tooFewBlocks(found: 1, expected: 2), [1, 1], 15, [0]),
            (.blockOutOfRange(4, blockCount: 4), [1], 16, [0, 4]),
            (.blockOutOfRange(-1, blockCount: 4), [1], 0, [-1]),
        ]
        for (expected, tokens, position, blocks) in cases {
            #expect(throws: expected) { try batch.append(tokens: tokens, position: position, blocks: blocks, output: .all) }
            #expect(batch.tokenCount == 3 && batch.outputCount == 1)
        }
    }

    @Test("output rows are numbered across pieces, in order")
    func numbersOutputs() throws {
        let test = try runner()
        let batch = test.batch
        #expect(try batch.append(tokens: [1, 2, 3], position: 0, blocks: [0], output: .none).isEmpty)
        #expect(try batch.append(tokens: [1, 2, 3], position: 0, blocks: [1], output: .all) == 0..<3)
        #expect(try batch.append(tokens: [1, 2], position: 0, blocks: [2], output: .last) == 3..<4)
        #expect(batch.outputCount == 4)
        batch.removeAll()
        #expect(batch.tokenCount == 0 && batch.outputCount == 0)
    }

    @Test(
        "a batch of another runner's sizes is refused",
        .enabled(if: GoldenModel.isPresent("mistral"), "needs the reference model mistral")
    )
    func refusesForeignBatch() throws {
        let test = try runner()
        let model = try #require(try GoldenModel("mistral")).model
        let other = try TestRunner(model, maximumTokens: 8, blockCount: 2)
        try other.batch.append(tokens: [1], position: 0, blocks: [0], output: .last)
        #expect(throws: BatchError.foreignBatch) { try test.runner.forward(other.batch) }
    }
}

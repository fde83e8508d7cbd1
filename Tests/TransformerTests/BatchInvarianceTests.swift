import ModelFiles
import TestSupport
import Testing
import Transformer

/// A row's bits depend on its sequence alone.
@Suite("Batch invariance", .enabled(if: GoldenFiles.model != nil || GoldenModel.isPresent("llama3"), "needs a model: make model"))
struct BatchInvarianceTests {
    private func models() throws -> [LanguageModel] {
        try ([SmolLM2.load()] + GoldenModel.names.map { try GoldenModel($0)?.model }).compactMap { $0 }
    }

    private let tokens: [Int32] = (0..<70).map { ($0 * 37 + 11) % 380 }

    @Test("hidden states have the same bits however a prompt is cut, with 1 and 2 and 3 threads, in blocks of any size")
    func cutsDoNotMatter() throws {
        for model in try models() {
            let expected = try TestRunner(model).hiddenStates(tokens)
            for (threads, piece, blockSize) in [(1, 1, 16), (2, 70, 16), (3, 13, 4), (2, 33, 64), (2, 3, 1)] {
                let test = try TestRunner(model, threads: threads, blockCount: 4096 / blockSize, blockSize: blockSize)
                #expect(try test.hiddenStates(tokens, piece: piece) == expected, "\(threads) threads, pieces of \(piece)")
            }
        }
    }

    @Test("weights read from the file give the bits of packed ones")
    func packingDoesNotMatter() throws {
        let files = [GoldenFiles.model, GoldenFiles.url("models/llama3/model.gguf")].compactMap { $0 }
        for file in files {
            let packed = try LanguageModel(source: GGUFFile(path: file.path))
            let unpacked = try LanguageModel(source: GGUFFile(path: file.path), packsWeights: false)
            #expect(packed.packing != nil && unpacked.packing == nil)
            let piece = Array(tokens.prefix(20))
            #expect(try TestRunner(packed, threads: 2).logits(piece) == TestRunner(unpacked, threads: 2).logits(piece))
        }
    }

    @Test("a decode has the same logits alone and next to a prefill and other decodes")
    func neighboursDoNotMatter() throws {
        for model in try models() {
            let alone = try TestRunner(model, threads: 2)
            let expected = try #require(try alone.logits(tokens).last)

            let test = try TestRunner(model, threads: 2)
            let mine = Array(test.blocks[0..<5])
            let others = (1...4).map { Array(test.blocks[5 * $0..<5 * $0 + 5]) }
            test.batch.removeAll()
            try test.batch.append(tokens: tokens[0..<69], position: 0, blocks: mine, output: .none)
            try test.batch.append(tokens: tokens[0..<20], position: 0, blocks: others[0], output: .last)
            try test.batch.append(tokens: tokens[5..<30], position: 0, blocks: others[1], output: .none)
            try test.runner.forward(test.batch)
            test.batch.removeAll()
            try test.batch.append(tokens: tokens[20..<21], position: 20, blocks: others[0], output: .last)
            try test.batch.append(tokens: tokens[30..<60], position: 25, blocks: others[1], output: .last)
            let row = try test.batch.append(tokens: tokens[69..<70], position: 69, blocks: mine, output: .last)
            try test.batch.append(tokens: tokens[0..<40], position: 0, blocks: others[2], output: .last)
            try test.runner.forward(test.batch)
            test.runner.computeLogits(stateRows: 0..<test.batch.outputCount)
            #expect(row == 2..<3)
            #expect(test.runner.logits.row(2) == expected)
        }
    }
}

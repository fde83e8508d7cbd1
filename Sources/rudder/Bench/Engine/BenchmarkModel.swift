import Compute
import Control
import Foundation
import Transformer

/// A loaded model, which measures one run after the other: each starts from an empty cache.
final class BenchmarkModel {
    /// How long it took to load.
    let loadSeconds: Double
    /// The file's name.
    let name: String
    private let runner: ModelRunner
    private let batch: Batch
    private let cache: KVCache
    private let model: LanguageModel
    private let steering: ControlBatch
    private let grams = GramCache()
    private var controllers: [BenchmarkControl: Controller] = [:]

    /// Loads the model.
    ///
    /// - Parameters:
    ///   - path: a GGUF file or a Hugging Face folder.
    ///   - threads: how many threads compute.
    ///   - tests: what will be measured; the KV cache holds the largest of them and no more.
    init(path: String, threads: Int, tests: [BenchmarkTest]) throws {
        let start = ContinuousClock.now
        let blockCount = tests.map { $0.sequences * Self.blocksPerSequence($0) }.max() ?? 1
        let sequences = tests.map(\.sequences).max() ?? 1
        let model = try Self.load(path)
        let contextLength = model.configuration.contextLength
        if let test = tests.first(where: { $0.depth + $0.tokensPerSequence > contextLength }) {
            throw CommandError(
                "\(test.name) needs \(test.depth + test.tokensPerSequence) tokens; the model's context is \(contextLength); leave it out of --tests"
            )
        }
        let cache = try KVCache(configuration: model.configuration, blockCount: blockCount, blockSize: Self.blockSize)
        let team = ThreadTeam(threads: threads)
        self.model = model
        self.cache = cache
        name = (path as NSString).lastPathComponent
        runner = ModelRunner(model: model, cache: cache, team: team, maximumBatchTokens: 512, maximumSequences: sequences)
        batch = runner.makeBatch()
        steering = ControlBatch(team: team, maximumRows: sequences)
        loadSeconds = (ContinuousClock.now - start).seconds
    }

    private static let blockSize = 16

    private static func blocksPerSequence(_ test: BenchmarkTest) -> Int {
        (test.depth + test.tokensPerSequence + blockSize - 1) / blockSize
    }

    /// The memory of the KV cache.
    var kvBytes: Int {
        cache.blockCount * KVCache.bytesPerBlock(model.configuration, blockSize: cache.blockSize)
    }

    /// Runs a test once and gives its speed in tokens a second, all sequences together.
    func measure(_ test: BenchmarkTest) throws -> Double {
        // Making a head takes no part in its row.
        let controller = try test.control.map(controller)
        let blocks = (0..<test.sequences).map { sequence in
            let count = Self.blocksPerSequence(test)
            return (0..<count).map { Int32(sequence * count + $0) }
        }
        let depth = test.depth
        if depth > 0 {
            for blocks in blocks { try prefill(0..<depth, blocks: blocks) }
        }
        let start = ContinuousClock.now
        switch test.kind {
        case .prefill(let count):
            for blocks in blocks { try prefill(depth..<depth + count, blocks: blocks) }
        case .decode(let count):
            try decode(depth..<depth + count, blocks: blocks, controller: controller)
        }
        return Double(test.tokenCount) / (ContinuousClock.now - start).seconds
    }

    /// Computes some positions of a prompt in pieces as large as a batch, and the logits of the last.
    private func prefill(_ positions: Range<Int>, blocks: [Int32]) throws {
        let prompt = prompt(positions.upperBound)
        for start in stride(from: positions.lowerBound, to: positions.upperBound, by: 512) {
            let end = min(start + 512, positions.upperBound)
            batch.removeAll()
            let output: BatchOutput = end == positions.upperBound ? .last : .none
            try batch.append(tokens: prompt[start..<end], position: start, blocks: blocks, output: output)
            try runner.forward(batch)
        }
        runner.computeLogits(stateRows: 0..<1)
    }

    /// Generates greedily, from one token of each sequence on.
    private func decode(_ positions: Range<Int>, blocks: [[Int32]], controller: Controller?) throws {
        var tokens = prompt(blocks.count)
        for position in positions {
            batch.removeAll()
            for (sequence, blocks) in blocks.enumerated() {
                try batch.append(tokens: tokens[sequence...sequence], position: position, blocks: blocks, output: .last)
            }
            try runner.forward(batch)
            if let controller {
                steering.removeAll()
                for row in blocks.indices { steering.append(controller, row: row) }
                steering.steer(runner.hiddenStates)
            }
            runner.computeLogits(stateRows: 0..<blocks.count)
            for row in blocks.indices { tokens[row] = runner.logits.withRow(row) { Int32(FloatKernels.largest($0)?.index ?? 0) } }
        }
    }

    private func controller(_ control: BenchmarkControl) throws -> Controller {
        if let made = controllers[control] { return made }
        let made = try BenchmarkHead.controller(control, hiddenSize: model.configuration.hiddenSize, grams: grams)
        controllers[control] = made
        return made
    }

    /// Tokens without meaning, spread over the vocabulary.
    private func prompt(_ count: Int) -> [Int32] {
        (0..<count).map { Int32((1 + $0 * 7919) % model.configuration.vocabularySize) }
    }
}

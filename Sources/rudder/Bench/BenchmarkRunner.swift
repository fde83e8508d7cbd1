import Compute
import Foundation
import ModelFiles
import Transformer

/// Times the engine's steps on one model: each run starts from an empty cache.
final class BenchmarkRunner {
    private let runner: ModelRunner
    private let batch: Batch
    private let cache: KVCache
    private let model: LanguageModel
    private let threads: Int
    private let path: String
    private let loadSeconds: Double

    private static let maximumPositions = 1024
    private static let maximumSequences = 16

    /// Loads the model.
    ///
    /// - Parameters:
    ///   - path: a GGUF file.
    ///   - threads: how many threads compute.
    init(path: String, threads: Int) throws {
        let start = ContinuousClock.now
        let model = try LanguageModel(gguf: GGUFFile(path: path))
        let blockCount = Self.maximumPositions * Self.maximumSequences / 16
        let cache = try KVCache(configuration: model.configuration, blockCount: blockCount)
        self.model = model
        self.cache = cache
        self.threads = threads
        self.path = path
        runner = ModelRunner(
            model: model,
            cache: cache,
            team: ThreadTeam(threads: threads),
            maximumBatchTokens: 512,
            maximumSequences: Self.maximumSequences
        )
        batch = runner.makeBatch()
        loadSeconds = (ContinuousClock.now - start).seconds
    }

    /// Runs each test: one warm-up, then `runs` timed ones.
    func report(_ tests: [BenchmarkTest], runs: Int) throws -> BenchmarkReport {
        var results: [BenchmarkResult] = []
        for test in tests {
            _ = try tokensPerSecond(test)
            results.append(BenchmarkResult(test, runs: try (0..<max(runs, 1)).map { _ in try tokensPerSecond(test) }))
        }
        return BenchmarkReport(
            machine: BenchmarkReport.machine(threads: threads),
            model: (path as NSString).lastPathComponent,
            loadSeconds: loadSeconds,
            residentBytes: BenchmarkReport.residentBytes(),
            kvBytes: cache.blockCount * KVCache.bytesPerBlock(model.configuration, blockSize: cache.blockSize),
            results: results
        )
    }

    private func tokensPerSecond(_ test: BenchmarkTest) throws -> Double {
        let start = ContinuousClock.now
        switch test.kind {
        case .prefill(let count): try prefill(count, sequences: test.sequences)
        case .decode(let count): try decode(count, sequences: test.sequences)
        }
        return Double(test.tokenCount) / (ContinuousClock.now - start).seconds
    }

    private func prefill(_ count: Int, sequences: Int) throws {
        for sequence in 0..<sequences {
            batch.removeAll()
            try batch.append(tokens: prompt(count)[...], position: 0, blocks: blocks(of: sequence), output: .last)
            try runner.forward(batch)
            runner.computeLogits(stateRows: 0..<1)
        }
    }

    private func decode(_ count: Int, sequences: Int) throws {
        var tokens = prompt(sequences)
        let blocks = (0..<sequences).map { self.blocks(of: $0) }
        for position in 0..<count {
            batch.removeAll()
            for sequence in 0..<sequences {
                try batch.append(tokens: tokens[sequence...sequence], position: position, blocks: blocks[sequence], output: .last)
            }
            try runner.forward(batch)
            runner.computeLogits(stateRows: 0..<sequences)
            for sequence in 0..<sequences {
                tokens[sequence] = runner.logits.withRow(sequence) { row in
                    var best = 0
                    for index in 1..<row.count where row[index] > row[best] { best = index }
                    return Int32(best)
                }
            }
        }
    }

    /// Tokens without meaning, spread over the vocabulary.
    private func prompt(_ count: Int) -> [Int32] {
        (0..<count).map { Int32((1 + $0 * 7919) % model.configuration.vocabularySize) }
    }

    private func blocks(of sequence: Int) -> [Int32] {
        let count = Self.maximumPositions / cache.blockSize
        return (0..<count).map { Int32(sequence * count + $0) }
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}

import Compute
import Transformer

/// A runner with a cache of its own, and the steps that tests take with it.
struct TestRunner {
    let runner: ModelRunner
    let batch: Batch
    /// The blocks of one sequence: out of order, so that a wrong table shows.
    let blocks: [Int32]

    init(_ model: LanguageModel, threads: Int = 1, maximumTokens: Int = 128, blockCount: Int = 40, blockSize: Int = 16) throws {
        let cache = try KVCache(configuration: model.configuration, blockCount: blockCount, blockSize: blockSize)
        runner = ModelRunner(
            model: model,
            cache: cache,
            team: ThreadTeam(threads: threads),
            maximumBatchTokens: maximumTokens,
            maximumSequences: 8
        )
        batch = runner.makeBatch()
        blocks = (0..<Int32(blockCount)).reversed()
    }

    /// The final hidden states of every position, computed in pieces of at most `piece` tokens.
    func hiddenStates(_ tokens: [Int32], piece: Int = .max) throws -> [[Float]] {
        try positions(tokens, piece: piece) { runner.hiddenStates.row($0) }
    }

    /// The logits of every position, computed in pieces.
    func logits(_ tokens: [Int32], piece: Int = 16) throws -> [[Float]] {
        try positions(tokens, piece: min(piece, runner.logits.rows)) { row in
            runner.computeLogits(stateRows: row..<row + 1)
            return runner.logits.row(0)
        }
    }

    private func positions(_ tokens: [Int32], piece: Int, _ read: (Int) -> [Float]) throws -> [[Float]] {
        var result: [[Float]] = []
        var position = 0
        while position < tokens.count {
            let end = min(tokens.count, position + min(piece, tokens.count))
            batch.removeAll()
            let rows = try batch.append(tokens: tokens[position..<end], position: position, blocks: blocks, output: .all)
            try runner.forward(batch)
            result += rows.map(read)
            position = end
        }
        return result
    }
}

import Compute

/// Runs batches of one model for one worker: tokens in, final hidden states out, and logits of those that are wanted.
///
/// Owned by the engine's thread. All memory is taken at the start.
public final class ModelRunner {
    /// The model.
    public let model: LanguageModel
    /// Final hidden states: after the last norm, before the output matrix. ``forward(_:)`` fills the first `outputCount` rows of the batch;
    /// rows behind them, two for each sequence, are free for copies.
    public let hiddenStates: FloatMatrix
    /// Logits, one row for each state of the last ``computeLogits(stateRows:)``.
    public let logits: FloatMatrix

    private let pass: ForwardPass
    private let outputInput: ActivationBuffer
    private let limits: BatchLimits
    private let team: ThreadTeam

    /// Makes a runner.
    ///
    /// - Parameters:
    ///   - model: the model, shared with other runners.
    ///   - cache: the worker's KV cache, made for the same model.
    ///   - team: who computes.
    ///   - maximumBatchTokens: how many tokens one step may hold, 1 or more.
    ///   - maximumSequences: how many sequences decode at once; twice as many rows of logits are kept, so that each may have a plain and a steered state.
    public init(model: LanguageModel, cache: KVCache, team: ThreadTeam, maximumBatchTokens: Int, maximumSequences: Int) {
        let configuration = model.configuration
        let (tokens, sequences) = (max(maximumBatchTokens, 1), max(maximumSequences, 1))
        self.model = model
        self.team = team
        limits = BatchLimits(
            maximumTokens: tokens,
            vocabularySize: configuration.vocabularySize,
            contextLength: min(configuration.contextLength, cache.blockCount * cache.blockSize),
            blockSize: cache.blockSize,
            blockCount: cache.blockCount
        )
        pass = ForwardPass(configuration: configuration, cache: cache, team: team, batch: Batch(limits: limits))
        hiddenStates = FloatMatrix(rows: tokens + 2 * sequences, columns: configuration.hiddenSize)
        logits = FloatMatrix(rows: 2 * sequences, columns: configuration.vocabularySize)
        outputInput = ActivationBuffer(maximumRows: logits.rows, maximumColumns: configuration.hiddenSize)
    }

    /// An empty batch for this runner.
    public func makeBatch() -> Batch {
        Batch(limits: limits)
    }

    /// Computes a batch: fills the KV cache at its positions, and the first `batch.outputCount` rows of ``hiddenStates``.
    ///
    /// - Parameters:
    ///   - batch: what to compute.
    ///   - after: is shown the residual stream behind each block, by the block's number from 0, and may change it: a row for every token of the
    ///     batch, in the order in which they were appended. Later blocks, and what they write into the cache, see what it leaves.
    /// - Throws: ``BatchError/foreignBatch`` for a batch of another runner's sizes.
    public func forward(
        _ batch: Batch,
        after: (_ layer: Int, _ residual: FloatMatrix) -> Void = { _, _ in }
    ) throws(BatchError) {
        guard batch.limits == limits else { throw .foreignBatch }
        guard batch.tokenCount > 0 else { return }
        pass.begin(batch)
        model.decoder.forward(pass, after: after)
        for (index, row) in batch.outputRows.enumerated() {
            model.decoder.finalNorm.apply(pass.residual.pointer(row: Int(row)), into: hiddenStates.pointer(row: index))
        }
    }

    /// Multiplies final hidden states by the output matrix: `logits.row(i)` belongs to state `stateRows.lowerBound + i`.
    ///
    /// - Parameter stateRows: rows of ``hiddenStates``, at most as many as ``logits`` has.
    public func computeLogits(stateRows: Range<Int>) {
        let output = model.decoder.output
        outputInput.load(hiddenStates, rows: stateRows, quantized: output.isQuantized, team: team)
        output.multiply(outputInput, into: logits, team: team)
    }
}

import Compute
import Control
import Transformer

/// Runs the sequences of one worker, step after step: schedule, run, postprocess. Owned by the worker's thread.
final class Engine {
    private let model: LoadedModel
    private let limits: EngineLimits
    private let runner: ModelRunner
    private let batch: Batch
    private let steering: SteeringStage
    private var scheduler: Scheduler

    init(model: LoadedModel, limits: EngineLimits, team: ThreadTeam) throws(ModelError) {
        self.model = model
        self.limits = limits
        let cache = try KVCache(configuration: model.configuration, blockCount: limits.blockCount, blockSize: limits.blockSize)
        runner = ModelRunner(
            model: model.languageModel,
            cache: cache,
            team: team,
            maximumBatchTokens: limits.stepTokens,
            maximumSequences: limits.running
        )
        batch = runner.makeBatch()
        steering = SteeringStage(runner: runner, team: team, maximumSequences: limits.running)
        scheduler = Scheduler(
            blockCount: cache.blockCount,
            blockSize: cache.blockSize,
            cachesPrefixes: limits.cachesPrefixes,
            maximumRunning: limits.running,
            maximumTokens: limits.stepTokens
        )
    }

    /// Whether there is nothing to do.
    var isIdle: Bool {
        scheduler.isEmpty
    }

    /// How many sequences run, wait, how many blocks they hold, and how many more hold prefixes.
    var load: (running: Int, waiting: Int, usedBlocks: Int, cachedBlocks: Int) {
        (scheduler.running.count, scheduler.waiting.count, scheduler.usedBlocks, scheduler.cachedBlocks)
    }

    /// How many tokens of prompts the cache held.
    var prefixTotals: PrefixTotals {
        scheduler.prefixTotals
    }

    /// How many sequences have left, however they ended.
    var endedCount: Int {
        scheduler.endedCount
    }

    /// Takes a sequence in.
    func add(_ sequence: Sequence) {
        scheduler.add(sequence)
    }

    /// Lets go of every sequence; whoever takes them ends them.
    func removeAll() -> [Sequence] {
        scheduler.remove { _ in true }
    }

    /// Computes one batch.
    ///
    /// - Returns: whether there was one; false where every sequence waits for its reader.
    func step() throws(BatchError) -> Bool {
        dropLeavers()
        let pieces = scheduler.schedule()
        guard !pieces.isEmpty else { return false }
        let rows = try run(pieces)
        postprocess(pieces, rows)
        return true
    }

    /// Lets go of sequences whose reader is gone, or too slow.
    private func dropLeavers() {
        let now = ContinuousClock.now
        scheduler.forEach { sequence in
            if !sequence.queue.isFull {
                sequence.stalledSince = nil
            } else if sequence.stalledSince == nil {
                sequence.stalledSince = now
            }
        }
        for sequence in scheduler.remove(where: { $0.queue.isCancelled }) { sequence.fail(.stopped) }
        let slow = scheduler.remove { sequence in sequence.stalledSince.map { now - $0 > limits.readerTimeout } ?? false }
        for sequence in slow { sequence.fail(.readerTooSlow) }
    }

    /// Puts the pieces into a batch and computes their final hidden states.
    ///
    /// - Returns: for each piece, the rows of the runner's hidden states that it filled.
    private func run(_ pieces: [ScheduledPiece]) throws(BatchError) -> [Range<Int>] {
        batch.removeAll()
        var rows: [Range<Int>] = []
        rows.reserveCapacity(pieces.count)
        for piece in pieces {
            let sequence = piece.sequence
            let start = sequence.computedCount
            let output: BatchOutput = sequence.wantsPromptLogprobs ? .all : piece.reachesEnd ? .last : .none
            rows.append(
                try batch.append(
                    tokens: sequence.tokens[start..<start + piece.count],
                    position: start,
                    blocks: sequence.blocks,
                    output: output
                )
            )
        }
        try runner.forward(batch)
        return rows
    }

    /// Sends the prompt's log-probabilities, then steers, samples and sends the next tokens.
    private func postprocess(_ pieces: [ScheduledPiece], _ rows: [Range<Int>]) {
        var sampled: [SteeredRow] = []
        var ended: [(Sequence, FinishReason)] = []
        var failed: [(Sequence, GenerationError)] = []
        for (piece, rows) in zip(pieces, rows) {
            let (sequence, reachesEnd) = (piece.sequence, piece.reachesEnd)
            let start = sequence.computedCount
            sequence.advance(piece.count)
            if let bad = rows.first(where: { row in !runner.hiddenStates.withRow(row) { $0.isFinite } }) {
                failed.append((sequence, .modelNotFinite(position: start + piece.count - rows.upperBound + bad)))
            } else if sequence.wantsPromptLogprobs, !sendPromptLogprobs(sequence, start: start, rows: rows) {
                failed.append((sequence, .modelNotFinite(position: start)))
            } else {
                scheduler.publishBlocks(of: sequence)
                if reachesEnd, sequence.request.maximumTokens <= 0 {
                    ended.append((sequence, .length))
                } else if reachesEnd, let row = rows.last {
                    sampled.append(SteeredRow(sequence: sequence, stateRow: row))
                }
            }
        }
        steering.run(&sampled, firstFreeRow: batch.outputCount)
        for row in sampled {
            do throws(GenerationError) {
                if let reason = try sample(row) { ended.append((row.sequence, reason)) }
            } catch {
                failed.append((row.sequence, error))
            }
        }
        let leaving = Set(ended.map { ObjectIdentifier($0.0) } + failed.map { ObjectIdentifier($0.0) })
        guard !leaving.isEmpty else { return }
        _ = scheduler.remove { leaving.contains(ObjectIdentifier($0)) }
        for (sequence, reason) in ended { sequence.finish(reason) }
        for (sequence, error) in failed { sequence.fail(error) }
    }

    /// Chooses and sends a sequence's next token.
    ///
    /// - Returns: why the sequence ends; nil where it goes on.
    private func sample(_ row: SteeredRow) throws(GenerationError) -> FinishReason? {
        let (sequence, request) = (row.sequence, row.sequence.request)
        let control = try row.control(position: sequence.tokens.count - 1)
        guard runner.logits.withRow(row.logitsRow, { $0.isFinite }) else { throw row.notFinite(position: sequence.tokens.count - 1) }
        if row.outcome != nil { sequence.addControlTime(row.seconds) }
        // The reports are of the distribution before bias and penalties change the row.
        let report = request.logprobs.flatMap { count in
            runner.logits.withRow(row.logitsRow) { logits in
                LogSoftmax(logits).map { (normalized: $0, top: $0.top(count, logits)) }
            }
        }
        let token = runner.logits.withMutableRow(row.logitsRow) { sequence.sampler.sample(&$0) }
        if model.tokenizer.isEndOfGeneration(token), !request.ignoresEndOfSequence { return .stop }
        let logprobs = report.map {
            TokenLogprobs(token: token, logprob: $0.normalized.logprob(sequence.sampler.chosenLogit), top: $0.top)
        }
        return sequence.accept(token, logprobs: logprobs, control: control, contextLength: limits.contextLength)
    }

    /// Sends the log-probabilities that the piece's states give for the prompt's tokens after them, a slab of rows at a time.
    ///
    /// - Returns: false where a logit is not finite.
    private func sendPromptLogprobs(_ sequence: Sequence, start: Int, rows: Range<Int>) -> Bool {
        let prompt = sequence.request.prompt
        var reports: [TokenLogprobs] = []
        if sequence.promptLogprobsSent == 0, start == 0 { reports.append(TokenLogprobs(token: prompt[0], logprob: nil, top: [])) }
        var slabStart = rows.lowerBound
        while slabStart < rows.upperBound {
            let slab = slabStart..<min(rows.upperBound, slabStart + runner.logits.rows)
            let positions = slab.map { start + $0 - rows.lowerBound }
            // Positions whose next token was reported before a preemption, or is yet to be generated, need no logits.
            if positions.contains(where: { $0 + 1 < prompt.count && $0 + 1 >= sequence.promptLogprobsSent }) {
                runner.computeLogits(stateRows: slab)
                for (index, position) in positions.enumerated()
                where position + 1 < prompt.count && position + 1 >= sequence.promptLogprobsSent {
                    let report = runner.logits.withRow(index) { logits in
                        LogSoftmax(logits)?.report(prompt[position + 1], top: sequence.request.promptLogprobs ?? 0, logits)
                    }
                    guard let report else { return false }
                    reports.append(report)
                }
            }
            slabStart = slab.upperBound
        }
        sequence.promptLogprobsSent = max(sequence.promptLogprobsSent, min(start + rows.count + 1, prompt.count))
        if !reports.isEmpty { sequence.queue.send(.promptLogprobs(reports)) }
        return true
    }
}

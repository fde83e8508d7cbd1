import Compute
import Control
import Transformer

/// Runs the sequences of one worker, step after step: schedule, run, postprocess. Owned by the worker's thread.
final class Engine {
    private let model: LoadedModel
    private let limits: EngineLimits
    private let runner: ModelRunner
    private let batch: Batch
    private let layers: LayerStage
    private let steering: SteeringStage
    private let sampling: SamplingStage
    private let prefixes: CachedPrefixes
    private let recorder: StatisticsRecorder
    private var scheduler: Scheduler
    // Of one step, kept to be filled again by the next.
    private var pieceRows: [Range<Int>] = []
    private var sampled: [SteeredRow] = []
    private var ended: [(Sequence, FinishReason)] = []
    private var failed: [(Sequence, GenerationError)] = []
    private var statistics = StepStatistics()

    /// Makes an engine whose cache is empty.
    ///
    /// - Parameters:
    ///   - model: what it runs.
    ///   - limits: its sizes.
    ///   - team: what computes with it.
    ///   - prefixes: told what is in its cache.
    ///   - recorder: told what it did, before the reader of a sequence hears of its end.
    init(
        model: LoadedModel,
        limits: EngineLimits,
        team: ThreadTeam,
        prefixes: CachedPrefixes,
        recorder: StatisticsRecorder
    ) throws(ModelError) {
        self.model = model
        self.prefixes = prefixes
        self.recorder = recorder
        prefixes.removeAll()
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
        layers = LayerStage(team: team, maximumSequences: limits.running)
        steering = SteeringStage(runner: runner, team: team, maximumSequences: limits.running)
        sampling = SamplingStage(runner: runner, team: team)
        scheduler = Scheduler(limits: limits, blockCount: cache.blockCount, blockSize: cache.blockSize)
    }

    /// Whether there is nothing to do.
    var isIdle: Bool {
        scheduler.isEmpty
    }

    /// How many sequences run, wait, how many blocks they hold, and how many more hold prefixes.
    var load: (running: Int, waiting: Int, usedBlocks: Int, cachedBlocks: Int) {
        (scheduler.running.count, scheduler.waiting.count, scheduler.usedBlocks, scheduler.cachedBlocks)
    }

    /// How many sequences have left, however they ended.
    var endedCount: Int {
        scheduler.endedCount
    }

    /// Takes a request in.
    func add(_ submission: WorkerMailbox.Submission) {
        scheduler.add(
            Sequence(request: submission.request, queue: submission.queue, arrival: submission.arrival, tokenizer: model.tokenizer)
        )
    }

    /// Lets those run that have room.
    func admit() {
        scheduler.admit()
    }

    /// Lets go of every sequence, which counts as its end; whoever takes them tells their readers.
    func removeAll() -> [Sequence] {
        let removed = scheduler.remove { _ in true }
        let now = ContinuousClock.now
        for sequence in removed { statistics.end(sequence, sequence.queue.reader.isCancelled ? .cancelled : .error, at: now) }
        recorder.take(&statistics)
        return removed
    }

    /// Computes one batch.
    ///
    /// - Returns: whether there was one; false where every sequence waits for its reader.
    /// - Throws: `BatchError`, or ``WorkerFailure`` where the model's file is no longer what it was. Nothing that was computed then is told.
    func step() throws -> Bool {
        let start = ContinuousClock.now
        dropLeavers(now: start)
        scheduler.schedule()
        guard !scheduler.pieces.isEmpty else { return false }
        for piece in scheduler.pieces { statistics.compute(piece.sequence, at: start, looksUpPrefix: limits.cachesPrefixes) }
        try run(scheduler.pieces)
        try checkWeights()
        try postprocess(scheduler.pieces)
        scheduler.endStep(seconds: (ContinuousClock.now - start) / .seconds(1))
        if let changes = scheduler.takePrefixChanges() { prefixes.apply(changes) }
        return true
    }

    /// Demands that the step computed with the model's weights and not with what is left where a file was cut short.
    private func checkWeights() throws(WorkerFailure) {
        if let damage = model.damage { throw WorkerFailure(reason: damage) }
    }

    /// Lets go of sequences whose reader is gone, or too slow.
    private func dropLeavers(now: ContinuousClock.Instant) {
        var areLeaving = false
        scheduler.forEach { sequence in
            sequence.lookAtReader(now: now, timeout: limits.readerTimeout)
            areLeaving = areLeaving || sequence.departure != nil
        }
        guard areLeaving else { return }
        let leavers = scheduler.remove { $0.departure != nil }
        for sequence in leavers { statistics.end(sequence, sequence.departure == .stopped ? .cancelled : .error, at: now) }
        recorder.take(&statistics)
        for sequence in leavers { sequence.fail(sequence.departure ?? .stopped) }
    }

    /// Puts the pieces into a batch and computes their final hidden states; each piece's rows of the runner's hidden states are `pieceRows`.
    private func run(_ pieces: [ScheduledPiece]) throws(BatchError) {
        batch.removeAll()
        pieceRows.removeAll(keepingCapacity: true)
        layers.removeAll()
        defer { layers.removeAll() }
        for piece in pieces {
            let sequence = piece.sequence
            let start = sequence.computedCount
            layers.add(piece, firstRow: batch.tokenCount)
            let output: BatchOutput = sequence.wantsPromptLogprobs || sequence.wantsAllStates ? .all : piece.reachesEnd ? .last : .none
            pieceRows.append(
                try batch.append(
                    tokens: sequence.tokens[start..<start + piece.count],
                    position: start,
                    blocks: sequence.blocks,
                    output: output
                )
            )
        }
        try runner.forward(batch) { layer, residual in layers.visit(layer: layer, residual: residual) }
    }

    /// Sends the prompt's log-probabilities, then steers, samples and sends the next tokens.
    private func postprocess(_ pieces: [ScheduledPiece]) throws(WorkerFailure) {
        // What is kept for the next step holds on to no sequence.
        defer {
            sampled.removeAll(keepingCapacity: true)
            ended.removeAll(keepingCapacity: true)
            failed.removeAll(keepingCapacity: true)
        }
        for (piece, rows) in zip(pieces, pieceRows) {
            let (sequence, reachesEnd) = (piece.sequence, piece.reachesEnd)
            let start = sequence.computedCount
            sequence.advance(piece.count)
            if let bad = rows.first(where: { row in !runner.hiddenStates.withRow(row) { FloatKernels.largest($0) != nil } }) {
                let position = start + piece.count - rows.upperBound + bad
                let outcome = position >= sequence.sharedCount ? sequence.layerControl?.outcome : nil
                failed.append((sequence, sequence.notFinite(after: outcome, position: position)))
            } else if sequence.wantsPromptLogprobs, !sendPromptLogprobs(sequence, start: start, rows: rows) {
                failed.append((sequence, .modelNotFinite(position: start)))
            } else {
                sequence.poolStates(runner.hiddenStates, rows: rows, start: start + piece.count - rows.count)
                scheduler.publishBlocks(of: sequence)
                if reachesEnd, sequence.request.maximumTokens <= 0 {
                    do throws(GenerationError) {
                        if let row = rows.last { sequence.noteEnd(state: try state(of: sequence, row: row)) }
                        ended.append((sequence, .length))
                    } catch {
                        failed.append((sequence, error))
                    }
                } else if reachesEnd, let row = rows.last {
                    sampled.append(SteeredRow(sequence: sequence, stateRow: row))
                }
            }
        }
        steering.run(&sampled, firstFreeRow: batch.outputCount)
        sampling.run(sampled)
        try checkWeights()
        let now = ContinuousClock.now
        for row in sampled {
            do throws(GenerationError) {
                if let reason = try deliver(row, at: now) { ended.append((row.sequence, reason)) }
            } catch {
                failed.append((row.sequence, error))
            }
        }
        endSequences(at: now)
    }

    /// Counts what the step did, and lets go of the sequences that ended in it.
    private func endSequences(at now: ContinuousClock.Instant) {
        guard !ended.isEmpty || !failed.isEmpty else { return recorder.take(&statistics) }
        let leaving = Set(ended.map { ObjectIdentifier($0.0) } + failed.map { ObjectIdentifier($0.0) })
        _ = scheduler.remove { leaving.contains(ObjectIdentifier($0)) }
        let summaries = ended.map { sequence, reason in (sequence, summary: sequence.end(reason)) }
        for (sequence, summary) in summaries { statistics.end(sequence, SequenceEnd(summary.finishReason), at: now) }
        for (sequence, _) in failed { statistics.end(sequence, .error, at: now) }
        // Whoever hears of an end finds it counted.
        recorder.take(&statistics)
        for (sequence, summary) in summaries { sequence.finish(summary) }
        for (sequence, error) in failed { sequence.fail(error) }
    }

    /// Sends the token that was chosen for a sequence.
    ///
    /// - Returns: why the sequence ends; nil where it goes on.
    private func deliver(_ row: SteeredRow, at now: ContinuousClock.Instant) throws(GenerationError) -> FinishReason? {
        let sequence = row.sequence
        let control = try row.control(position: sequence.tokens.count - 1)
        guard let choice = sequence.choice else {
            throw sequence.isStuck ? .noAllowedToken : row.notFinite(position: sequence.tokens.count - 1)
        }
        if let outcome = row.outcome { sequence.addControlWork(steps: outcome.steps, seconds: row.seconds) }
        let state = try state(of: sequence, row: row.sampledRow)
        if model.tokenizer.isEndOfGeneration(choice.token), !sequence.request.ignoresEndOfSequence || sequence.request.constraint != nil {
            sequence.noteEnd(state: state, token: choice.token)
            statistics.token(sequence, at: now, isEnd: true)
            return .stop
        }
        statistics.token(sequence, at: now, isEnd: false)
        return sequence.accept(choice, control: control, state: state, contextLength: limits.contextLength)
    }

    /// A copy of a state, where the sequence's request wants that of its next token.
    private func state(of sequence: Sequence, row: Int) throws(GenerationError) -> HiddenState? {
        guard sequence.wantsState else { return nil }
        let site = sequence.request.stateSite
        let state = site == .finalNorm ? HiddenState(runner.hiddenStates, row: row) : sequence.layerState
        guard state?.isFinite != false else { throw .stateTooLarge(site: "\(site)", position: sequence.tokens.count - 1) }
        return state
    }

    /// Sends the log-probabilities that the piece's states give for the prompt's tokens after them, a slab of rows at a time.
    ///
    /// - Returns: false where a logit is not finite, or comes of weights that are no longer there.
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
                    let report = sampling.report(prompt[position + 1], top: sequence.request.promptLogprobs ?? 0, logitsRow: index)
                    guard let report else { return false }
                    reports.append(report)
                }
            }
            slabStart = slab.upperBound
        }
        guard reports.isEmpty || model.damage == nil else { return false }
        sequence.promptLogprobsSent = max(sequence.promptLogprobsSent, min(start + rows.count + 1, prompt.count))
        if !reports.isEmpty { sequence.queue.send(.promptLogprobs(reports)) }
        return true
    }
}

import Compute
import Control
import Tokenizers

/// One running request: its tokens, how far they are computed, and what carries them to the reader. Owned by the engine's thread.
final class Sequence {
    let request: GenerationRequest
    let queue: EventQueue
    /// When it arrived, began and had its last token.
    var clock: SequenceClock
    /// The prompt and what was generated.
    private(set) var tokens: [Int32]
    /// How many of them have their keys and values in the cache.
    private(set) var computedCount = 0
    /// The blocks that hold them.
    var blocks: [Int32] = []
    /// The chain that its cached blocks make; nil once there can be no more of them.
    private(set) var chain: BlockChain? = .start
    /// How many of its blocks are cached, the first ones.
    private(set) var cachedBlockCount = 0
    /// How many tokens of the prompt came from the cache when they were first wanted.
    private(set) var cachedPromptCount = 0
    /// How many of those were told by ``takePrefixHits()``.
    private var toldPrefixHits = 0
    /// How many tokens had their keys and values in the cache at most.
    private var furthestCount = 0
    /// How many of the prompt's log-probabilities were sent.
    var promptLogprobsSent = 0
    /// Which sequence of its worker it is: those with smaller numbers came first.
    var arrival = 0
    /// Since when the reader's queue has been full.
    private var stalledSince: ContinuousClock.Instant?
    /// Why the sequence is to end before its next step: its reader is gone, or too slow.
    private(set) var departure: GenerationError?
    /// The token that was chosen last, to be accepted; nil where a logit was not finite, or no token is allowed.
    private(set) var choice: TokenChoice?
    /// What control did between blocks to the last state of this step, and how long it took; nil for nothing.
    var layerControl: (outcome: ControlOutcome, seconds: Double)?
    /// A copy of this step's last state between blocks, where it is to be reported.
    var layerState: HiddenState?
    private var endState: HiddenState?
    private var statePool = StatePool()
    private var pooledState: [Float]?
    private var endToken: Int32?
    private var sampler: Sampler
    /// Follows the text where the request constrains it.
    private var matcher: ConstraintMatcher?
    private(set) var control = ControlTotals()
    private let tokenizer: Tokenizer
    private var decoder: StreamingDecoder
    private var stopMatcher: StopMatcher

    init(request: GenerationRequest, queue: EventQueue, arrival: ContinuousClock.Instant, tokenizer: Tokenizer) {
        self.request = request
        self.queue = queue
        clock = SequenceClock(arrival: arrival)
        tokens = request.prompt
        sampler = Sampler(parameters: request.sampling, prompt: request.prompt)
        matcher = request.constraint.map { ConstraintMatcher($0) }
        self.tokenizer = tokenizer
        decoder = StreamingDecoder(tokenizer: tokenizer, skipSpecial: true)
        stopMatcher = StopMatcher(request.stop)
    }

    /// Whether its reader must read before it may go on.
    var isStalled: Bool {
        stalledSince != nil
    }

    /// Looks whether its reader reads.
    func lookAtReader(now: ContinuousClock.Instant, timeout: Duration) {
        let reader = queue.reader
        if !reader.isFull {
            stalledSince = nil
        } else if let stalledSince {
            if now - stalledSince > timeout { departure = .readerTooSlow }
        } else {
            stalledSince = now
        }
        if reader.isCancelled { departure = .stopped }
    }

    /// How many tokens were generated.
    var completionCount: Int {
        tokens.count - request.prompt.count
    }

    /// Whether the state that the next token is sampled from is to be reported.
    var wantsState: Bool {
        request.reportsStates || request.capturedTokens?.contains(completionCount) == true
    }

    /// How many tokens the model has yet to read.
    var pendingCount: Int {
        tokens.count - computedCount
    }

    /// Whether log-probabilities of the prompt are still to be sent.
    var wantsPromptLogprobs: Bool {
        request.promptLogprobs != nil && promptLogprobsSent < request.prompt.count
    }

    /// Whether the states of positions still to be computed are to be pooled.
    var wantsAllStates: Bool {
        request.pooling == .mean && statePool.count < request.prompt.count
    }

    /// How many of its first positions have the keys and values that every sequence of these tokens has. Where control moves states between blocks
    /// those behind belong to this sequence alone: they are neither published nor taken from the cache.
    var sharedCount: Int {
        guard let control = request.control, control.site != .finalNorm, request.maximumTokens > 0 else { return Int.max }
        return request.prompt.count - 1
    }

    /// How many tokens may come from the cache: the last one's hidden state is always wanted, and so are those of log-probabilities to be sent.
    var shareableCount: Int {
        var count = min(sharedCount, tokens.count - 1)
        if wantsPromptLogprobs { count = min(count, max(0, promptLogprobsSent - 1)) }
        if wantsAllStates { count = min(count, statePool.count) }
        return count
    }

    /// Goes on behind a cached block, which the sequence owns now and which holds its next tokens.
    func take(_ found: CachedBlock, blockSize: Int) {
        let reached = computedCount + blockSize
        if reached > furthestCount { cachedPromptCount += max(0, min(reached, request.prompt.count) - max(computedCount, furthestCount)) }
        blocks.append(found.block)
        chain = found.chain
        cachedBlockCount += 1
        computedCount = reached
        furthestCount = max(furthestCount, reached)
    }

    /// How many tokens of the prompt came from the cache since the last call.
    func takePrefixHits() -> Int {
        defer { toldPrefixHits = cachedPromptCount }
        return cachedPromptCount - toldPrefixHits
    }

    /// Notes that pending tokens were computed.
    func advance(_ count: Int) {
        computedCount += count
        furthestCount = max(furthestCount, computedCount)
    }

    /// Notes under which number the first block that was not cached is; nil where it cannot be.
    func noteCached(_ found: CachedBlock?) {
        chain = found?.chain
        guard let found else { return }
        blocks[cachedBlockCount] = found.block
        cachedBlockCount += 1
    }

    /// Gives up its blocks: all tokens are to be computed anew.
    func dropBlocks() {
        blocks.removeAll(keepingCapacity: true)
        computedCount = 0
        chain = .start
        cachedBlockCount = 0
    }

    /// Whether no token may come next. That is never so by design.
    private(set) var isStuck = false

    /// Chooses the next token from logits, which bias, penalties and a constraint change: sets ``choice``.
    func choose(_ logits: inout MutableSpan<Float>, workspace: SamplerWorkspace) {
        choice = nil
        guard let largest = FloatKernels.largest(logits.span) else { return }
        let allowed = matcher?.allowedTokens(remaining: request.maximumTokens - completionCount)
        isStuck = allowed?.isEmpty == true
        guard !isStuck else { return }
        // The report is of the distribution before bias, penalties and a constraint change the logits.
        var report: (normalized: LogSoftmax, top: [TokenLogprobs.Alternative])?
        if let count = request.logprobs {
            let normalized = LogSoftmax(logits.span, largest: largest.value, workspace: workspace)
            report = (normalized, normalized.top(count, logits.span))
        }
        let token = sampler.sample(&logits, likeliest: largest.index, allowed: allowed, workspace: workspace)
        choice = TokenChoice(
            token: token,
            logprobs: report.map {
                TokenLogprobs(token: token, logprob: $0.normalized.logprob(sampler.chosenLogit), top: $0.top)
            }
        )
    }

    /// Takes a generated token and sends it.
    ///
    /// - Returns: why the sequence ends with it; nil where it goes on.
    func accept(_ choice: TokenChoice, control outcome: TokenControl?, state: HiddenState?, contextLength: Int) -> FinishReason? {
        let token = choice.token
        tokens.append(token)
        _ = matcher?.advance(tokenizer.bytes(of: token))
        if let outcome { control.add(outcome) }
        let text = stopMatcher.append(decoder.append(token))
        let trace = request.control?.settings.trace == true ? outcome : nil
        queue.send(.token(GeneratedToken(id: token, text: text, logprobs: choice.logprobs, control: trace, state: state)))
        if stopMatcher.hasStopped { return .stop }
        if matcher?.isFinished == true { return .stop }
        return completionCount >= request.maximumTokens || tokens.count >= contextLength ? .length : nil
    }

    /// Adds what the sequence's control took for a token.
    func addControlWork(steps: Int, seconds: Double) {
        control.add(steps: steps, seconds: seconds)
    }

    /// Whose fault a number is that is not finite, where the state that the model gave is: control's if it moved that state, else the model's.
    func notFinite(after outcome: ControlOutcome?, position: Int) -> GenerationError {
        guard let outcome, outcome.relativeNorm != 0 || !outcome.isFinite, let controller = request.control else {
            return .modelNotFinite(position: position)
        }
        return .controlNotFinite(heads: controller.heads.map { "'\($0.name)@\($0.version)'" }, position: position)
    }

    /// Pools the states of positions that were just computed, from `start` on, as far as the request wants them.
    func poolStates(_ states: FloatMatrix, rows: Range<Int>, start: Int) {
        switch request.pooling {
        case .mean:
            guard wantsAllStates else { return }
            statePool.add(states, rows: rows, start: start)
            if !wantsAllStates { pooledState = statePool.mean }
        case .last:
            guard start + rows.count == request.prompt.count, let row = rows.last else { return }
            pooledState = states.withRow(row) { state in state.indices.map { state[$0] } }
        case nil: return
        }
    }

    /// Notes the last state, which gives no token to report.
    func noteEnd(state: HiddenState?, token: Int32? = nil) {
        endState = state
        endToken = token
    }

    /// Lets go of what was held back: there are no more tokens. Once.
    func end(_ reason: FinishReason) -> GenerationSummary {
        let rest = stopMatcher.append(decoder.finish()) + stopMatcher.finish()
        return GenerationSummary(
            finishReason: stopMatcher.hasStopped ? .stop : reason,
            stopText: stopMatcher.found,
            text: rest,
            promptTokens: request.prompt.count,
            cachedPromptTokens: cachedPromptCount,
            completionTokens: completionCount,
            control: request.control == nil ? nil : control.summary,
            endState: endState,
            pooledState: pooledState,
            endToken: endToken
        )
    }

    /// Sends the end.
    func finish(_ summary: GenerationSummary) {
        queue.send(.finished(summary))
        queue.finish()
    }

    /// Sends an error instead of an end.
    func fail(_ error: GenerationError) {
        queue.finish(.failure(error))
    }
}

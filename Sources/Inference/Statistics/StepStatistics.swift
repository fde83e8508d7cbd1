/// What one step of a worker did, until it is counted. Kept by the worker's thread and filled again by each step, so that a token costs neither a
/// lock nor memory.
struct StepStatistics {
    /// A value function that steered a sequence.
    private struct ControlledHead {
        let name: String
        let weight: Float
    }

    private var queueTimes: [Double] = []
    private var firstTokenTimes: [Double] = []
    private var tokenTimes: [Double] = []
    private var ends: [(end: SequenceEnd, seconds: Double)] = []
    private var steering: [(heads: [ControlledHead], totals: ControlTotals)] = []
    private var promptTokens = 0
    private var generatedTokens = 0
    private var prefixQueries = 0
    private var prefixHits = 0

    /// Whether there is nothing to count.
    var isEmpty: Bool {
        queueTimes.isEmpty && firstTokenTimes.isEmpty && tokenTimes.isEmpty && ends.isEmpty && generatedTokens == 0 && prefixHits == 0
    }

    /// Notes that a step computes for a sequence: what it found in the cache and, the first time, that it begins.
    mutating func compute(_ sequence: Sequence, at now: ContinuousClock.Instant, looksUpPrefix: Bool) {
        prefixHits += sequence.takePrefixHits()
        guard let waited = sequence.clock.begin(now) else { return }
        queueTimes.append(waited / .seconds(1))
        promptTokens += sequence.request.prompt.count
        if looksUpPrefix { prefixQueries += sequence.request.prompt.count }
    }

    /// Notes a token of a sequence.
    ///
    /// - Parameter isEnd: whether it is one that only ends the sequence; such a token is waited for as others are where it is the first, but is
    ///   no part of the answer.
    mutating func token(_ sequence: Sequence, at now: ContinuousClock.Instant, isEnd: Bool) {
        let (isFirst, duration) = sequence.clock.token(now)
        if !isEnd { generatedTokens += 1 }
        if isFirst {
            firstTokenTimes.append(duration / .seconds(1))
        } else if !isEnd {
            tokenTimes.append(duration / .seconds(1))
        }
    }

    /// Notes the end of a sequence.
    mutating func end(_ sequence: Sequence, _ end: SequenceEnd, at now: ContinuousClock.Instant) {
        self.end(end, after: now - sequence.clock.arrival)
        // Where no step is taken, values are only read.
        guard let controller = sequence.request.control, controller.settings.steps > 0 else { return }
        steering.append((controller.heads.map { ControlledHead(name: $0.name, weight: $0.weight) }, sequence.control))
    }

    /// Notes the end of a sequence that no engine saw.
    mutating func end(_ end: SequenceEnd, after duration: Duration) {
        ends.append((end, duration / .seconds(1)))
    }

    /// Adds all of it to what was counted before.
    func add(to model: inout ModelStatistics, heads: inout [String: HeadStatistics]) {
        model.promptTokens += promptTokens
        model.generatedTokens += generatedTokens
        model.prefixQueries += prefixQueries
        model.prefixHits += prefixHits
        for seconds in queueTimes { model.queueTime.observe(seconds) }
        for seconds in firstTokenTimes { model.timeToFirstToken.observe(seconds) }
        for seconds in tokenTimes { model.timePerOutputToken.observe(seconds) }
        for (end, seconds) in ends {
            model.ended[end, default: 0] += 1
            model.latency.observe(seconds)
        }
        for (mixed, totals) in steering {
            model.controlledTokens += totals.tokens
            // One head may be there in several versions.
            let names = Set(mixed.map(\.name))
            let weight = mixed.count == 1 ? mixed.first?.weight : nil
            for name in names { heads[name, default: HeadStatistics()].add(totals, sharedBy: names.count, weight: weight) }
        }
    }

    /// Forgets all of it; the memory is kept.
    mutating func removeAll() {
        queueTimes.removeAll(keepingCapacity: true)
        firstTokenTimes.removeAll(keepingCapacity: true)
        tokenTimes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        steering.removeAll(keepingCapacity: true)
        (promptTokens, generatedTokens, prefixQueries, prefixHits) = (0, 0, 0, 0)
    }
}

/// Bias and penalties: what a request changes about its logits before a token is chosen. Costs nothing where it asks for nothing.
struct LogitAdjuster {
    private let parameters: SamplingParameters
    private let hasCountPenalty: Bool
    private let hasRepetitionPenalty: Bool
    /// How often each token was generated, where a penalty counts.
    private var counts: [Int32: Int] = [:]
    /// The tokens that occurred, each once, where the repetition penalty applies.
    private var occurred: [Int32] = []
    private var occurredSet: Set<Int32> = []
    /// The tokens that the last adjustment changed, with their logits before; a token may occur again with a later one.
    private var originals: [(token: Int32, logit: Float)] = []

    init(parameters: SamplingParameters, prompt: [Int32]) {
        self.parameters = parameters
        hasCountPenalty = parameters.presencePenalty != 0 || parameters.frequencyPenalty != 0
        hasRepetitionPenalty = parameters.repetitionPenalty != 1
        if hasRepetitionPenalty {
            for token in prompt { noteOccurrence(token) }
        }
    }

    /// Changes the logits, all finite, which they remain: bias first, then the penalties for repetition, presence and frequency.
    ///
    /// - Returns: whether there was anything to change.
    mutating func adjust(_ logits: inout MutableSpan<Float>) -> Bool {
        originals.removeAll(keepingCapacity: true)
        for (token, bias) in parameters.logitBias { change(token, &logits) { $0 + bias } }
        let penalty = parameters.repetitionPenalty
        for token in occurred { change(token, &logits) { $0 > 0 ? $0 / penalty : $0 * penalty } }
        let (presence, frequency) = (parameters.presencePenalty, parameters.frequencyPenalty)
        for (token, count) in counts { change(token, &logits) { $0 - (presence + Float(count) * frequency) } }
        return !originals.isEmpty
    }

    /// A token's logit before the last adjustment.
    func original(of token: Int32, _ logits: Span<Float>) -> Float {
        originals.first { $0.token == token }?.logit ?? logits[Int(token)]
    }

    /// Takes note of a token that was generated.
    mutating func note(_ token: Int32) {
        if hasCountPenalty { counts[token, default: 0] += 1 }
        if hasRepetitionPenalty { noteOccurrence(token) }
    }

    private mutating func noteOccurrence(_ token: Int32) {
        if occurredSet.insert(token).inserted { occurred.append(token) }
    }

    private mutating func change(_ token: Int32, _ logits: inout MutableSpan<Float>, _ body: (Float) -> Float) {
        guard token >= 0, Int(token) < logits.count else { return }
        let logit = logits[Int(token)]
        originals.append((token, logit))
        logits[Int(token)] = min(max(body(logit), -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
    }
}

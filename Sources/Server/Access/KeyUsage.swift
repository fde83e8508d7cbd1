import Synchronization

/// What is counted of an API key: how much it may still take in this minute, and what it took in all.
package final class KeyUsage: Sendable {
    private struct State {
        var requests: TokenBucket?
        var tokens: TokenBucket?
        var most: Int?
        var underWay = 0
        /// Answers to lines of evaluations, which are requests of their own in all but name.
        var lines = 0
        var totals = Totals()
    }

    /// What a key took since the process began.
    package struct Totals: Sendable {
        /// Requests that were let in.
        package var requests = 0
        /// Requests that were refused, for a limit was reached.
        package var refused = 0
        /// Tokens of prompts and answers.
        package var tokens = 0
    }

    private let state: Mutex<State>
    private let clock: @Sendable () -> ContinuousClock.Instant

    /// - Parameter clock: Tells the time; another one than the system's is for tests.
    package init(_ key: APIKey, clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        let now = clock()
        self.clock = clock
        state = Mutex(
            State(
                requests: key.requestsPerMinute.map { TokenBucket(perMinute: $0, now: now) },
                tokens: key.tokensPerMinute.map { TokenBucket(perMinute: $0, now: now) },
                most: key.concurrentRequests
            )
        )
    }

    /// Takes over the limits that a key has now; what was taken stays taken.
    package func adopt(_ key: APIKey) {
        let now = clock()
        func resized(_ bucket: TokenBucket?, _ perMinute: Int?) -> TokenBucket? {
            perMinute.map { bucket?.resized(perMinute: $0, now: now) ?? TokenBucket(perMinute: $0, now: now) }
        }
        state.withLock { state in
            state.requests = resized(state.requests, key.requestsPerMinute)
            state.tokens = resized(state.tokens, key.tokensPerMinute)
            state.most = key.concurrentRequests
        }
    }

    /// Lets a request in.
    ///
    /// - Returns: What ends when the request has ended.
    /// - Throws: ``APIError`` of status 429.
    package func begin() throws(APIError) -> RequestLease {
        let now = clock()
        let refusal = state.withLock { state -> APIError? in
            if let most = state.most, state.underWay >= most {
                state.totals.refused += 1
                return .rateLimit(
                    "concurrent requests",
                    type: "requests",
                    limit: most,
                    used: state.underWay,
                    requested: 1,
                    wait: .seconds(1)
                )
            }
            if let requests = state.requests, case let wait = requests.wait(for: 1, now), wait > .zero {
                state.totals.refused += 1
                return .rateLimit("requests per minute", type: "requests", requests, requested: 1, wait: wait, now)
            }
            state.requests?.take(1, now)
            state.underWay += 1
            state.totals.requests += 1
            return nil
        }
        if let refusal { throw refusal }
        return RequestLease { [self] in state.withLock { $0.underWay -= 1 } }
    }

    /// Takes tokens before they are computed: those of prompts, and of answers as many as were asked for.
    ///
    /// - Parameters:
    ///   - promptTokens: Those of the prompts.
    ///   - answerTokens: The most that the answers can take.
    ///   - isExplicit: Whether the client asked for so many, and not only left them open.
    /// - Returns: How many were taken: never more than a minute has.
    /// - Throws: ``APIError`` of status 429 where they are not there; its Retry-After says when they will be. Where they never will, there is none.
    package func reserve(promptTokens: Int, answerTokens: Int, isExplicit: Bool) throws(APIError) -> Int {
        let now = clock()
        let outcome = state.withLock { state -> Result<Int, APIError> in
            guard let bucket = state.tokens else { return .success(0) }
            let asked = promptTokens + (isExplicit ? answerTokens : 0)
            guard asked <= bucket.perMinute else { return .failure(.tooManyTokens(asked, perMinute: bucket.perMinute)) }
            let reserved = max(1, min(promptTokens + answerTokens, bucket.perMinute))
            if case let wait = bucket.wait(for: reserved, now), wait > .zero {
                return .failure(.rateLimit("tokens per minute", type: "tokens", bucket, requested: reserved, wait: wait, now))
            }
            state.tokens?.take(reserved, now)
            return .success(reserved)
        }
        return try outcome.get()
    }

    /// The most tokens of an answer whose length the client left open: what a minute has beside the prompts, shared by the answers; at least 1.
    ///
    /// - Returns: nil where tokens are not limited.
    package func openLength(promptTokens: Int, answers: Int) -> Int? {
        state.withLock { state in
            state.tokens.map { max(1, ($0.perMinute - promptTokens) / max(1, answers)) }
        }
    }

    /// Gives back what was taken and not computed, or takes what was computed beyond it.
    package func settle(reserved: Int, computed: Int) {
        let now = clock()
        state.withLock { $0.tokens?.take(computed - reserved, now) }
    }

    /// Counts tokens that were computed.
    func count(tokens: Int) {
        state.withLock { $0.totals.tokens += tokens }
    }

    /// Counts a request that was refused.
    func countRefusal() {
        state.withLock { $0.totals.refused += 1 }
    }

    /// Lets an answer to a line of an evaluation begin, where not so many are under way as the key may have requests at once.
    ///
    /// - Returns: What ends with the answer; nil where it has to wait.
    package func beginLine() -> RequestLease? {
        let hasPlace = state.withLock { state in
            guard state.lines < state.most ?? .max else { return false }
            state.lines += 1
            return true
        }
        return hasPlace ? RequestLease { [self] in state.withLock { $0.lines -= 1 } } : nil
    }

    /// What it took in all.
    package var totals: Totals { state.withLock { $0.totals } }

    /// The most lines of an evaluation that may be under way at once; nil: any number.
    var mostAtOnce: Int? { state.withLock { $0.most } }

    /// What is left of its limits, for the header of an answer.
    var rateLimits: RateLimits {
        let now = clock()
        return state.withLock { RateLimits(requests: $0.requests, tokens: $0.tokens, now: now) }
    }
}

import Synchronization

/// What is counted of an API key: how much it may still take in this minute, and what it took in all.
package final class KeyUsage: Sendable {
    private struct State {
        var requests: TokenBucket?
        var tokens: TokenBucket?
        var most: Int?
        var underWay = 0
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

    /// Takes a prompt's tokens.
    ///
    /// - Throws: ``APIError`` of status 429 where they are not there; its Retry-After says when they will be. Where they never will, there is none.
    package func take(promptTokens: Int) throws(APIError) {
        let now = clock()
        let refusal = state.withLock { state -> APIError? in
            if let tokens = state.tokens {
                if promptTokens > tokens.perMinute {
                    state.totals.refused += 1
                    return .tooManyTokens(promptTokens, perMinute: tokens.perMinute)
                }
                // A prompt that fits is let in also where its answer will take more than there is.
                if case let wait = tokens.wait(for: max(promptTokens, 1), now), wait > .zero {
                    state.totals.refused += 1
                    return .rateLimit("tokens per minute", type: "tokens", tokens, requested: promptTokens, wait: wait, now)
                }
            }
            state.tokens?.take(promptTokens, now)
            return nil
        }
        if let refusal { throw refusal }
    }

    /// Takes tokens that were generated, whether or not they are there; a negative number gives some back.
    package func take(generatedTokens: Int) {
        let now = clock()
        state.withLock { $0.tokens?.take(generatedTokens, now) }
    }

    /// Counts tokens that were computed.
    func count(tokens: Int) {
        state.withLock { $0.totals.tokens += tokens }
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

import Server
import Synchronization
import Testing

@Suite("what a key may take in a minute")
struct KeyUsageTests {
    /// A clock that goes when it is told to.
    private final class Clock: Sendable {
        private let state = Mutex(ContinuousClock.now)

        var now: ContinuousClock.Instant { state.withLock { $0 } }

        func advance(_ seconds: Double) {
            state.withLock { $0 += .seconds(seconds) }
        }
    }

    private let clock = Clock()

    private func usage(_ change: (inout APIKey) -> Void) throws -> KeyUsage {
        KeyUsage(try APIKey.make("a", change)) { [clock] in clock.now }
    }

    @Test("a minute's requests may come at once, then one whenever its part of the minute has passed")
    func requests() throws {
        let usage = try usage { $0.requestsPerMinute = 3 }
        for _ in 0..<3 { try usage.begin().end() }
        let error = #expect(throws: APIError.self) { try usage.begin() }
        #expect(error?.status.code == 429 && error?.type == "requests" && error?.code == "rate_limit_exceeded")
        #expect(error?.fields[.retryAfter] == "20")
        clock.advance(19.9)
        #expect(throws: APIError.self) { try usage.begin() }
        clock.advance(0.2)
        try usage.begin().end()
        #expect(throws: APIError.self) { try usage.begin() }
        // Not more than a minute's is ever saved up.
        clock.advance(3600)
        for _ in 0..<3 { try usage.begin().end() }
        #expect(throws: APIError.self) { try usage.begin() }
        #expect(usage.totals.requests == 7 && usage.totals.refused == 4)
    }

    @Test("so many at once, and a place is free as soon as its request has ended, or nobody holds it any more")
    func concurrency() throws {
        let usage = try usage { $0.concurrentRequests = 2 }
        let first = try usage.begin()
        var second: RequestLease? = try usage.begin()
        #expect(throws: APIError.self) { try usage.begin() }
        first.end()
        first.end()
        let third = try usage.begin()
        #expect(throws: APIError.self) { try usage.begin() }
        withExtendedLifetime(second) {}
        second = nil
        let fourth = try usage.begin()
        #expect(throws: APIError.self) { try usage.begin() }
        withExtendedLifetime((third, fourth)) {}
    }

    private func reserve(_ usage: KeyUsage, _ prompt: Int, answer: Int = 0, isExplicit: Bool = true) throws -> Int {
        try usage.reserve(promptTokens: prompt, answerTokens: answer, isExplicit: isExplicit)
    }

    @Test("what is asked for is taken before it begins, and what was not computed is given back")
    func tokens() throws {
        let usage = try usage { $0.tokensPerMinute = 60 }
        #expect(try reserve(usage, 10, answer: 30) == 40)
        let error = #expect(throws: APIError.self) { try reserve(usage, 5, answer: 20) }
        #expect(error?.status.code == 429 && error?.type == "tokens" && error?.fields[.retryAfter] == "5")
        usage.settle(reserved: 40, computed: 12)
        #expect(try reserve(usage, 8, answer: 40) == 48)
        // Nothing is there, which is too little also for nothing.
        #expect(throws: APIError.self) { try reserve(usage, 0) }
        clock.advance(1.1)
        #expect(try reserve(usage, 0) == 1)
    }

    @Test("an answer that was left open takes what there is at most, and nobody has to make up for more than a minute")
    func openEnds() throws {
        let usage = try usage { $0.tokensPerMinute = 60 }
        #expect(try reserve(usage, 10, answer: 8000, isExplicit: false) == 60)
        usage.settle(reserved: 60, computed: 8010)
        let error = #expect(throws: APIError.self) { try reserve(usage, 1) }
        #expect(error?.fields[.retryAfter] == "61")
        clock.advance(61.1)
        #expect(try reserve(usage, 1) == 1)
    }

    @Test("answers whose length was left open share what a minute has beside their prompts")
    func openLengths() throws {
        let usage = try usage { $0.tokensPerMinute = 60 }
        #expect(usage.openLength(promptTokens: 10, answers: 1) == 50 && usage.openLength(promptTokens: 10, answers: 16) == 3)
        #expect(usage.openLength(promptTokens: 60, answers: 1) == 1 && usage.openLength(promptTokens: .max, answers: 2) == 1)
        #expect(try self.usage { _ in }.openLength(promptTokens: 10, answers: 1) == nil)
    }

    @Test("more than a minute's tokens are refused for good")
    func tooLarge() throws {
        let usage = try usage { $0.tokensPerMinute = 60 }
        for (prompt, answer) in [(61, 0), (10, 51)] {
            let error = #expect(throws: APIError.self) { try reserve(usage, prompt, answer: answer) }
            #expect(error?.status.code == 429 && error?.fields[.retryAfter] == nil)
            #expect(error?.fields.contains { $0.name.canonicalName == "x-should-retry" && $0.value == "false" } == true)
        }
        #expect(try reserve(usage, 10, answer: 50) == 60)
    }

    @Test("lines of all evaluations share the places of the key")
    func lines() throws {
        let usage = try usage { $0.concurrentRequests = 2 }
        let leases = (0..<3).map { _ in usage.beginLine() }
        #expect(leases.map { $0 != nil } == [true, true, false])
        leases[0]?.end()
        #expect(usage.beginLine() != nil)
    }

    @Test("other limits keep what was taken, and a limit that was lifted is gone")
    func adoption() throws {
        let usage = try usage { $0.requestsPerMinute = 3 }
        for _ in 0..<2 { try usage.begin().end() }
        usage.adopt(try APIKey.make("a") { $0.requestsPerMinute = 4 })
        for _ in 0..<2 { try usage.begin().end() }
        #expect(throws: APIError.self) { try usage.begin() }
        usage.adopt(try APIKey.make("a") { $0.requestsPerMinute = 1 })
        #expect(throws: APIError.self) { try usage.begin() }
        // However much was taken, nobody waits for longer than two minutes.
        usage.adopt(try APIKey.make("a") { $0.requestsPerMinute = 1000 })
        for _ in 0..<500 { try usage.begin().end() }
        usage.adopt(try APIKey.make("a") { $0.requestsPerMinute = 1 })
        #expect(throws: APIError.self) { try usage.begin() }
        clock.advance(120.1)
        try usage.begin().end()
        usage.adopt(try APIKey.make("a"))
        for _ in 0..<100 { try usage.begin().end() }
    }

    @Test(
        "times are written as OpenAI writes them",
        arguments: [
            (0, "0ms"), (0.0201, "21ms"), (1, "1s"), (1.5, "1.5s"), (59.9999, "1m0s"), (60, "1m0s"), (361.25, "6m1.25s"),
            (9140.4, "2h32m20.4s"),
        ]
    )
    func times(seconds: Double, text: String) {
        #expect(RateLimits.text(.seconds(seconds)) == text)
    }
}

import Inference

/// Who a request is from: an API key, and what is counted of it. Where no keys are configured there is none.
package struct Caller: Sendable {
    /// The key.
    package let key: APIKey
    /// What is counted of it.
    let usage: KeyUsage
    /// Whether the limits on a minute hold; they do not for the lines of batches, which wait for everybody else anyway.
    private let isBounded: Bool
    private let access: AccessControl

    /// The caller that the task works for; nil where anybody may do anything.
    @TaskLocal package static var current: Caller?

    init(key: APIKey, usage: KeyUsage, access: AccessControl, isBounded: Bool = true) {
        self.key = key
        self.usage = usage
        self.access = access
        self.isBounded = isBounded
    }

    /// The same caller, with or without limits on what it takes in a minute.
    private func with(isBounded: Bool) -> Caller {
        Caller(key: key, usage: usage, access: access, isBounded: isBounded)
    }

    /// Takes tokens before they are computed.
    ///
    /// - Parameters:
    ///   - promptTokens: Those of the prompts.
    ///   - answerTokens: The most that the answers can take.
    ///   - isExplicit: Whether the client asked for so many, and not only left them open.
    ///   - waits: Whether to wait until they are there, and not to refuse them.
    ///   - isStopping: Whether nothing is to be waited for any more.
    /// - Returns: What counts what is computed, and settles the rest when nobody holds it any more.
    /// - Throws: ``APIError`` of status 429, or 503 where a wait ends in vain; or `CancellationError`.
    func reserve(
        promptTokens: Int,
        answerTokens: Int,
        isExplicit: Bool,
        waits: Bool,
        isStopping: () -> Bool
    ) async throws -> TokenReservation {
        guard isBounded else { return TokenReservation(usage, reserved: 0, isBounded: false) }
        while true {
            do throws(APIError) {
                let reserved = try usage.reserve(promptTokens: promptTokens, answerTokens: answerTokens, isExplicit: isExplicit)
                return TokenReservation(usage, reserved: reserved, isBounded: true)
            } catch {
                guard waits, error.fields[.retryAfter] != nil else {
                    usage.countRefusal()
                    throw error
                }
            }
            try await wait(unless: isStopping)
        }
    }

    /// The most tokens of an answer whose length the client left open; nil where that is not limited.
    func openLength(promptTokens: Int, answers: Int) -> Int? {
        isBounded ? usage.openLength(promptTokens: promptTokens, answers: answers) : nil
    }

    /// Waits until a line of an evaluation may be answered.
    ///
    /// - Parameter isStopping: Whether nothing is to be waited for any more.
    /// - Returns: What ends with the answer.
    /// - Throws: ``APIError`` of status 503 where a wait ends in vain, or `CancellationError`.
    func beginLine(isStopping: () -> Bool) async throws -> RequestLease {
        while true {
            if let lease = usage.beginLine() { return lease }
            try await wait(unless: isStopping)
        }
    }

    private func wait(unless isStopping: () -> Bool) async throws {
        guard !isStopping() else { throw APIError(PoolError.draining, promptField: "prompt") }
        try await Task.sleep(for: Self.look)
    }

    /// The same key as it is now, with what it may do now.
    ///
    /// - Throws: ``APIError`` of status 401 where it is gone.
    func renewed() throws(APIError) -> Caller? {
        try access.caller(named: key.name)?.with(isBounded: isBounded)
    }

    private static let look = Duration.milliseconds(50)
}

extension Caller? {
    /// Whether whoever asks may use a file or a batch that was made by a key: each key has its own. Where no keys are asked for all are everybody's.
    func mayUse(madeBy owner: String?) -> Bool {
        map { $0.key.name == owner } ?? true
    }
}

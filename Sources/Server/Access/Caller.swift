/// Who a request is from: an API key, and what is counted of it. Where no keys are configured there is none.
package struct Caller: Sendable {
    /// The key.
    package let key: APIKey
    /// What is counted of it.
    let usage: KeyUsage
    /// Whether the limits on a minute hold; they do not for the lines of batches, which wait for everybody else anyway.
    private let isBounded: Bool

    /// The caller that the task works for; nil where anybody may do anything.
    @TaskLocal package static var current: Caller?

    init(key: APIKey, usage: KeyUsage, isBounded: Bool = true) {
        self.key = key
        self.usage = usage
        self.isBounded = isBounded
    }

    /// The same caller without limits on what it takes in a minute.
    var unbounded: Caller {
        Caller(key: key, usage: usage, isBounded: false)
    }

    /// Takes a prompt's tokens.
    ///
    /// - Parameter waits: Whether to wait until they are there, and not to refuse them.
    /// - Throws: ``APIError`` of status 429, or `CancellationError`.
    func take(promptTokens: Int, waits: Bool) async throws {
        guard isBounded else { return }
        while true {
            do throws(APIError) {
                return try usage.take(promptTokens: promptTokens)
            } catch {
                guard waits, error.fields[.retryAfter] != nil else { throw error }
            }
            try await Task.sleep(for: Self.look)
        }
    }

    /// Gives back tokens of a prompt that nothing was computed for.
    func giveBack(promptTokens: Int) {
        if isBounded { usage.take(generatedTokens: -promptTokens) }
    }

    private static let look = Duration.milliseconds(50)

    /// Takes tokens that were generated.
    func take(generatedTokens: Int) {
        if isBounded { usage.take(generatedTokens: generatedTokens) }
        usage.count(tokens: generatedTokens)
    }

    /// Counts tokens of a prompt that is computed.
    func count(promptTokens: Int) {
        usage.count(tokens: promptTokens)
    }
}

extension Caller? {
    /// Whether whoever asks may use a file or a batch that was made by a key: each key has its own. Where no keys are asked for all are everybody's.
    func mayUse(madeBy owner: String?) -> Bool {
        map { $0.key.name == owner } ?? true
    }
}

/// Rewards that somebody else wrote, one a line: `{"index": n, "reward": x}`, or in the order of the records a number or `{"reward": x}`.
public struct FileReward: RewardSource {
    /// What the source is called.
    public let name: String
    private let rewards: [Int: Double]

    /// Reads a file.
    ///
    /// - Throws: ``RewardError/line(_:)``
    public init(path: String) throws(RewardError) {
        name = "file:\(path)"
        var rewards: [Int: Double] = [:]
        do throws(LineError) {
            var next = 0
            try JSONLines.lines(path) { (bytes, line, _) throws(LineError) in
                let text = String(decoding: bytes, as: UTF8.self)
                guard text.contains(where: { !$0.isWhitespace }) else { return }
                guard let found = RewardLine.parse(text) else {
                    throw LineError(path: path, line: line, reason: "has no finite number, or object with such a 'reward'")
                }
                rewards[found.index ?? next] = found.reward
                next += 1
            }
        } catch {
            throw .line(error.advising("give each record a number, in order, or {\"index\": n, \"reward\": x}"))
        }
        self.rewards = rewards
    }

    /// Judges answers, in their order; see ``RewardSource/score(_:each:)``.
    public func score(_ items: [RewardItem], each: @escaping @Sendable (Int, Double) async throws -> Void) async throws {
        for (place, item) in items.enumerated() {
            guard let reward = rewards[item.index] else {
                throw RewardError.ended(source: name, record: item.index, reason: "there is no line for it; add it to the file")
            }
            try await each(place, reward)
        }
    }
}

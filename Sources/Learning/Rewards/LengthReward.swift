/// The reward is the number of whitespace-separated words of the answer: simple, exact, and good to try a pipeline with.
public struct LengthReward: RewardSource {
    /// What the source is called.
    public let name = "length"

    /// The source.
    public init() {}

    /// Judges answers, in their order; see ``RewardSource/score(_:each:)``.
    public func score(_ items: [RewardItem], each: @escaping @Sendable (Int, Double) async throws -> Void) async throws {
        for (place, item) in items.enumerated() {
            try await each(place, Double(item.response.split(whereSeparator: \.isWhitespace).count))
        }
    }
}

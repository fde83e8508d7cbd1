/// Something that judges answers: a program, a service, a file, a reward head.
public protocol RewardSource: Sendable {
    /// Names it, in metadata and reports.
    var name: String { get }

    /// Names it and what it goes by, where that is known: rewards of another identity are not of this source as it is now.
    var identity: String { get }

    /// Judges answers, in their order.
    ///
    /// - Parameters:
    ///   - items: the answers.
    ///   - each: takes an answer's place in `items` and its reward, a finite number, as soon as it is known.
    /// - Throws: ``RewardError``; what was handed over stands.
    func score(_ items: [RewardItem], each: @escaping @Sendable (Int, Double) async throws -> Void) async throws
}

extension RewardSource {
    /// The name.
    public var identity: String { name }

    /// Every answer's reward.
    ///
    /// - Throws: ``RewardError``
    public func scores(_ items: [RewardItem]) async throws -> [Double] {
        let rewards = RewardList(count: items.count)
        try await score(items) { place, reward in rewards.set(place, reward) }
        return rewards.values
    }
}

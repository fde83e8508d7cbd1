/// Adds rewards to rollouts: a file of lines `{"index": n, "reward": x}`, the first of which says where they came from.
public struct Labeler: Sendable {
    /// The rollouts.
    public let folder: RolloutFolder
    /// The file of rewards.
    public let path: String

    /// Labels a folder's rollouts.
    ///
    /// - Parameters:
    ///   - folder: the rollouts.
    ///   - path: the file of rewards; nil for the folder's own.
    public init(folder: RolloutFolder, path: String? = nil) {
        self.folder = folder
        self.path = path ?? folder.rewardsPath
    }

    /// Judges the rollouts that have no reward yet. What was judged stays, whatever happens.
    ///
    /// - Parameters:
    ///   - source: judges.
    ///   - name: what the rewards are called; nil for the source's own name.
    ///   - progress: told of rollouts labelled, and of how many.
    /// - Throws: ``RewardError``, ``RolloutError``
    public func run(
        source: any RewardSource,
        name: String? = nil,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws {
        let name = name ?? source.name
        let log = try RewardLog(path: path)
        if let found = log.source, found != name { throw RewardError.otherSource(path: path, found: found, asked: name) }
        if let found = log.identity, found != source.identity {
            throw RewardError.otherSource(path: path, found: found, asked: source.identity)
        }
        var items: [RewardItem] = []
        try folder.forEachRollout { rollout in
            items.append(RewardItem(index: rollout.index, prompt: rollout.prompt, response: rollout.response))
        }
        _ = try await log.complete(items, judge: source, name: name, identity: source.identity, progress: progress)
    }

    /// The rewards of a file, in the order of the rollouts.
    ///
    /// - Throws: ``RewardError/line(_:)``
    public static func rewards(path: String) throws(RewardError) -> (source: String, rewards: [Double]) {
        let log = try RewardLog(path: path)
        return (log.source ?? "nobody", log.rewards)
    }
}

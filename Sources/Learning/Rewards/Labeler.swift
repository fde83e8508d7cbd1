import Foundation
import Inference

/// Adds rewards to rollouts: a file of lines `{"index": n, "reward": x}`, the first of which says where they came from.
public struct Labeler: Sendable {
    /// The rollouts.
    public let folder: RolloutFolder
    /// The file of rewards.
    public let path: String

    private struct Heading: Codable {
        let source: String
    }

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
        let kept = try Self.read(path)
        if let found = kept.source, found != name {
            throw RewardError.otherSource(path: path, found: found, asked: name)
        }
        var items: [RewardItem] = []
        try folder.forEachRollout { rollout in
            items.append(RewardItem(index: rollout.index, prompt: rollout.prompt, response: rollout.response))
        }
        let total = items.count
        // Rewards were written in order, so those that lack one are the last.
        items.removeFirst(min(kept.rewards.count, total))
        let file = try RewardFile(path: path, keeping: kept.bytes)
        if kept.source == nil { try file.add(try JSONLines.line(Heading(source: name))) }
        let start = kept.rewards.count
        progress(start, total)
        let todo = items
        do {
            try await source.score(todo) { place, reward in
                let line = try JSONLines.line(RewardRecord(index: todo[place].index, reward: reward))
                try await OffPool.run { try file.add(line) }
                progress(start + place + 1, total)
            }
        } catch {
            try file.flush()
            throw error
        }
        try file.flush()
    }

    /// The rewards of a file, in the order of the rollouts.
    ///
    /// - Throws: ``RewardError/line(_:)``
    public static func rewards(path: String) throws(RewardError) -> (source: String, rewards: [Double]) {
        let found = try read(path)
        return (found.source ?? "nobody", found.rewards)
    }

    private static func read(_ path: String) throws(RewardError) -> (source: String?, rewards: [Double], bytes: Int) {
        guard FileManager.default.fileExists(atPath: path) else { return (nil, [], 0) }
        var found = (source: String?.none, rewards: [Double](), bytes: 0)
        let decoder = JSONDecoder()
        do throws(LineError) {
            try JSONLines.lines(path) { (bytes, line, hasEnd) throws(LineError) in
                // A line without its end was cut off by a crash: it does not count.
                guard hasEnd else { return }
                if line == 1 {
                    guard let heading = try? decoder.decode(Heading.self, from: Data(bytes)) else {
                        throw LineError(path: path, line: line, reason: "does not say the 'source' of the rewards")
                    }
                    found.source = heading.source
                } else {
                    guard let record = try? decoder.decode(RewardRecord.self, from: Data(bytes)), record.index == found.rewards.count else {
                        throw LineError(path: path, line: line, reason: "is not the reward of rollout \(found.rewards.count)")
                    }
                    found.rewards.append(record.reward)
                }
                found.bytes += bytes.count + 1
            }
        } catch {
            throw .line(error)
        }
        return found
    }
}

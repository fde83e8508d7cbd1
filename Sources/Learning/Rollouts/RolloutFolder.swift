import Foundation

/// Where things are in a folder of rollouts.
///
/// `rollouts.json` says what was run; `rollouts.jsonl` has a line for each rollout; `states-00000.safetensors` and so on hold the states that
/// the tokens were sampled from, as one F16 tensor `states [rows, hidden size]` each; `rewards.jsonl` has the rewards, once labelled.
public struct RolloutFolder: Sendable {
    /// The folder.
    public let path: String

    /// Names a folder.
    public init(path: String) {
        self.path = path
    }

    /// The file of rollouts.
    public var rolloutsPath: String { path + "/rollouts.jsonl" }
    /// The file of rewards.
    public var rewardsPath: String { path + "/rewards.jsonl" }

    /// The file of a shard's states.
    public func shardPath(_ shard: Int) -> String {
        let digits = "\(shard)"
        return path + "/states-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".safetensors"
    }

    /// What was run.
    ///
    /// - Throws: ``RolloutError``
    public func manifest() throws(RolloutError) -> RolloutManifest {
        let manifest: RolloutManifest?
        do { manifest = try RolloutManifest.read(folder: path) } catch { throw .line(error) }
        guard let manifest else { throw .noRollouts(folder: path) }
        return manifest
    }

    /// Shows every rollout, in order.
    ///
    /// - Throws: ``RolloutError``
    public func forEachRollout(_ body: (Rollout) throws(RolloutError) -> Void) throws(RolloutError) {
        guard FileManager.default.fileExists(atPath: rolloutsPath) else { throw .noRollouts(folder: path) }
        var failure: RolloutError?
        do throws(LineError) {
            var count = 0
            try JSONLines.read(rolloutsPath) { (rollout: Rollout, line) throws(LineError) in
                guard rollout.index == count else {
                    throw LineError(path: rolloutsPath, line: line, reason: "has index \(rollout.index) where \(count) was to come")
                }
                count += 1
                guard failure == nil else { return }
                do throws(RolloutError) {
                    try body(rollout)
                } catch {
                    failure = error
                }
            }
        } catch {
            throw .line(error.advising(RolloutError.anew))
        }
        if let failure { throw failure }
    }
}

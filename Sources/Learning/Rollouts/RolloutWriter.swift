import Foundation
import Inference
import ModelFiles

/// Writes rollouts shard by shard: first a shard's states, as a file that is there whole or not at all, then its rollouts' lines. What has a line
/// is finished. Blocks: not for the cooperative pool.
final class RolloutWriter {
    /// Hands a writer from the thread that opened it to the task that uses it.
    struct Transfer: @unchecked Sendable {
        let writer: RolloutWriter

        init(_ writer: RolloutWriter) {
            self.writer = writer
        }
    }

    /// How many rollouts are finished, those of earlier runs included.
    private(set) var finishedCount: Int
    private let folder: RolloutFolder
    private let hiddenSize: Int
    private let shardRollouts: Int
    private let lines: AppendedFile
    private var shard: Int
    private var pending: [UInt8] = []
    private var pendingCount = 0
    private var states: [UInt8] = []
    private var rowCount = 0

    /// Goes on in a folder, or begins there.
    ///
    /// - Throws: ``RolloutError/otherRun(folder:difference:)`` where it holds a run of other settings, and whatever keeps files from being read or written.
    init(folder: RolloutFolder, manifest: RolloutManifest, shardRollouts: Int) throws {
        self.folder = folder
        self.shardRollouts = max(shardRollouts, 1)
        hiddenSize = manifest.hiddenSize
        try OutputFolder.make(folder.path)
        if let found = try RolloutManifest.read(folder: folder.path) {
            if let difference = found.difference(from: manifest) {
                throw RolloutError.otherRun(folder: folder.path, difference: difference)
            }
        } else {
            try AtomicFile.replace(folder.path + "/" + RolloutManifest.fileName, with: try JSONLines.line(manifest))
        }
        let found = try Self.finished(folder)
        (finishedCount, shard) = (found.count, found.shard)
        lines = try AppendedFile(path: folder.rolloutsPath, keeping: found.bytes)
    }

    /// How many rollouts have whole lines and their states, in which shard the next goes, and how long those lines are.
    private static func finished(_ folder: RolloutFolder) throws -> (count: Int, shard: Int, bytes: Int) {
        guard FileManager.default.fileExists(atPath: folder.rolloutsPath) else { return (0, 0, 0) }
        var found = (count: 0, shard: 0, bytes: 0)
        let decoder = JSONDecoder()
        var isWhole = true
        try JSONLines.lines(folder.rolloutsPath) { (bytes, _, hasEnd) throws(LineError) in
            guard isWhole, hasEnd, let rollout = try? decoder.decode(Rollout.self, from: Data(bytes)), rollout.index == found.count,
                rollout.shard <= found.shard, FileManager.default.fileExists(atPath: folder.shardPath(rollout.shard))
            else {
                isWhole = false
                return
            }
            found = (found.count + 1, rollout.shard + 1, found.bytes + bytes.count + 1)
        }
        return found
    }

    /// Adds the next rollout.
    func append(_ answer: Answer, prompt: Prompt, sample: Int, seed: UInt64) throws {
        let rollout = Rollout(
            index: finishedCount + pendingCount,
            prompt: prompt,
            sample: sample,
            seed: seed,
            response: answer.text,
            tokens: answer.tokens,
            finishReason: answer.finishReason.rawValue,
            shard: shard,
            row: rowCount,
            valueBefore: answer.control?.valueBefore,
            valueAfter: answer.control?.valueAfter
        )
        pending += try JSONLines.line(rollout)
        pendingCount += 1
        for state in answer.states {
            for half in state.halves {
                states.append(UInt8(truncatingIfNeeded: half))
                states.append(UInt8(truncatingIfNeeded: half >> 8))
            }
        }
        rowCount += answer.states.count
        if pendingCount >= shardRollouts { try flush() }
    }

    /// Finishes what was added.
    func flush() throws {
        guard pendingCount > 0 else { return }
        try SafetensorsWriter.write(
            tensors: [.init(name: StateShard.tensorName, type: .f16, shape: [rowCount, hiddenSize], bytes: states)],
            metadata: ["format": RolloutManifest.format],
            to: folder.shardPath(shard)
        )
        try lines.append(pending)
        finishedCount += pendingCount
        shard += 1
        (pendingCount, rowCount) = (0, 0)
        pending.removeAll(keepingCapacity: true)
        states.removeAll(keepingCapacity: true)
    }
}

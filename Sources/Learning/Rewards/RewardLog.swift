import Foundation
import Inference

/// A file of rewards: a line that says whose they are, `{"source": …, "identity": …}`, then one for each answer in order, `{"index": n, "reward": x}`.
/// Each is written as it comes, so that whatever ends a judge, what it has judged is not asked again.
struct RewardLog {
    /// How much may be written before the disk is waited for.
    private static let unsyncedBytes = 16 << 10

    private struct Heading: Codable {
        let source: String
        let identity: String?
    }

    /// Whose rewards they are; nil where the file is not there, or empty.
    let source: String?
    /// What the source went by.
    let identity: String?
    /// The rewards, in the order of the answers.
    let rewards: [Double]
    private let path: String
    private let bytes: Int

    /// Reads a file. A last line without its end, which a crash has cut off, does not count.
    ///
    /// - Throws: ``RewardError/line(_:)``
    init(path: String) throws(RewardError) {
        self.path = path
        var (heading, rewards, length) = (Heading?.none, [Double](), 0)
        if FileManager.default.fileExists(atPath: path) {
            let decoder = JSONDecoder()
            do throws(LineError) {
                try JSONLines.lines(path) { (bytes, line, hasEnd) throws(LineError) in
                    guard hasEnd else { return }
                    if line == 1 {
                        heading = try? decoder.decode(Heading.self, from: Data(bytes))
                        guard heading != nil else {
                            throw LineError(path: path, line: line, reason: "does not say the 'source' of the rewards")
                        }
                    } else {
                        guard let record = try? decoder.decode(RewardRecord.self, from: Data(bytes)), record.index == rewards.count else {
                            throw LineError(path: path, line: line, reason: "is not the reward of rollout \(rewards.count)")
                        }
                        rewards.append(record.reward)
                    }
                    length += bytes.count + 1
                }
            } catch {
                throw .line(error.advising("remove the file to label anew, or name another with --out"))
            }
        }
        (source, identity, self.rewards, bytes) = (heading?.source, heading?.identity, rewards, length)
    }

    /// Has the answers judged that have no reward yet.
    ///
    /// - Parameters:
    ///   - items: all answers, in order.
    ///   - judge: who judges.
    ///   - name: what a new file calls the source.
    ///   - identity: what a new file says that it goes by.
    ///   - progress: told of answers judged, and of how many.
    /// - Returns: every answer's reward.
    /// - Throws: ``RewardError``; what was judged stays, but for rewards of which it is unknown what they are for.
    func complete(
        _ items: [RewardItem],
        judge: any RewardSource,
        name: String,
        identity: String,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
    ) async throws -> [Double] {
        let (start, total) = (min(rewards.count, items.count), items.count)
        progress(start, total)
        guard source == nil || start < total else { return Array(rewards.prefix(total)) }
        let file = try await OffPool.run { [path, bytes] in File(try AppendedFile(path: path, keeping: bytes), length: bytes) }
        if source == nil {
            let heading = try JSONLines.line(Heading(source: name, identity: identity))
            try await OffPool.run { try file.begin(with: heading) }
        }
        let (todo, found) = (Array(items[start...]), RewardList(count: total - start))
        do {
            try await judge.score(todo) { place, reward in
                let line = try JSONLines.line(RewardRecord(index: start + place, reward: reward))
                try await OffPool.run { try file.add(line) }
                found.set(place, reward)
                progress(start + place + 1, total)
            }
        } catch {
            try await OffPool.run { [error] in
                if case RewardError.tooMany = error { try file.takeBack() }
                try file.synchronize()
            }
            throw error
        }
        try await OffPool.run { try file.synchronize() }
        return rewards.prefix(start) + found.values
    }

    /// The file while it grows. Used by one task at a time, on other threads.
    private final class File: @unchecked Sendable {
        private let file: AppendedFile
        private var start: Int
        private var unsynced = 0

        init(_ file: AppendedFile, length: Int) {
            self.file = file
            start = length
        }

        func begin(with heading: [UInt8]) throws {
            try file.append(heading)
            start += heading.count
        }

        func add(_ line: [UInt8]) throws {
            unsynced += line.count
            try file.append(line, isDurable: unsynced >= unsyncedBytes)
            if unsynced >= unsyncedBytes { unsynced = 0 }
        }

        func takeBack() throws {
            try file.truncate(to: start)
        }

        func synchronize() throws {
            try file.synchronize()
        }
    }
}

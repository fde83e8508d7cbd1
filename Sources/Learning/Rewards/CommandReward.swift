import Foundation
import Subprocess
import Synchronization

/// A program that judges: it reads a JSON object a line, ``RewardItem``, and writes for each a line with a number or `{"reward": number}`.
///
/// From its first use on the process ignores SIGPIPE, which writing to a program that has gone would otherwise end it by.
public struct CommandReward: RewardSource {
    /// What the source is called.
    public let name: String
    private let command: String
    private let timeout: Duration

    /// Names a program.
    ///
    /// - Parameters:
    ///   - command: a shell's command line. What it writes to standard error is shown.
    ///   - timeout: how long it may take over one record, its start included.
    public init(command: String, timeout: Duration = .seconds(120)) {
        name = "command:\(command)"
        self.command = command
        self.timeout = timeout
    }

    /// Judges answers, in their order; see ``RewardSource/score(_:each:)``. A last line without its end counts only where the program ended well: of
    /// one that was ended, it may be half a number.
    public func score(_ items: [RewardItem], each: @escaping @Sendable (Int, Double) async throws -> Void) async throws {
        guard !items.isEmpty else { return }
        signal(SIGPIPE, SIG_IGN)
        let progress = Progress()
        let judge = Judge(source: name, items: items, progress: progress, each: each)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await execute(judge, items) }
                group.addTask { try await watch(progress, items) }
                // Whichever ends first ends the other; a program whose task is cancelled is ended.
                try await group.next()
                group.cancelAll()
            }
        } catch {
            try Task.checkCancellation()
            throw error
        }
    }

    /// Runs the program to its end.
    private func execute(_ judge: Judge, _ items: [RewardItem]) async throws {
        var options = PlatformOptions()
        // A group of its own: what the shell started ends with it, and the terminal's Ctrl-C is ours to answer.
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))]
        let (status, rest): (TerminationStatus, [UInt8])
        do {
            let result = try await run(
                .path("/bin/sh"),
                arguments: ["-c", command],
                platformOptions: options,
                input: .inputWriter,
                output: .sequence,
                error: .currentStandardError
            ) { execution in
                async let written: Void = write(items, to: execution.standardInputWriter)
                var splitter = LineSplitter()
                for try await buffer in execution.standardOutput {
                    guard let lines = buffer.withUnsafeBytes({ splitter.add($0) }) else { throw judge.lineTooLong }
                    for line in lines { try await judge.take(line) }
                }
                try Task.checkCancellation()
                judge.progress.touch()
                await written
                return splitter.rest
            }
            (status, rest) = (result.terminationStatus, result.closureResult)
        } catch let error as SubprocessError {
            throw RewardError.unavailable(source: name, reason: "\(error)")
        }
        if status.isSuccess { try await judge.take(String(decoding: rest, as: UTF8.self)) }
        let reason = "\(status); what it wrote to standard error says why, and the same command goes on from there"
        if let record = judge.nextRecord { throw RewardError.ended(source: name, record: record, reason: reason) }
        guard status.isSuccess else { throw RewardError.failed(source: name, reason: reason) }
    }

    /// Writes every record. A program that reads no more has its reasons, which its answers tell.
    private func write(_ items: [RewardItem], to writer: StandardInputWriter) async {
        do {
            for item in items { _ = try await writer.write(JSONLines.line(item)) }
            try await writer.finish()
        } catch {
            try? await writer.finish()
        }
    }

    /// Fails when nothing came for too long.
    private func watch(_ progress: Progress, _ items: [RewardItem]) async throws {
        while true {
            let left = timeout - progress.idleTime
            guard left > .zero else {
                let (count, seconds) = (progress.count, timeout / .seconds(1))
                guard count < items.count else { throw RewardError.lingered(source: name, seconds: seconds) }
                throw RewardError.timeout(source: name, record: items[count].index, seconds: seconds)
            }
            try await Task.sleep(for: left)
        }
    }

    /// Makes rewards of lines.
    private struct Judge {
        let source: String
        let items: [RewardItem]
        let progress: Progress
        let each: @Sendable (Int, Double) async throws -> Void

        /// The next record to be judged; nil where all are.
        var nextRecord: Int? {
            let count = progress.count
            return count < items.count ? items[count].index : nil
        }

        func take(_ line: String) async throws {
            guard line.contains(where: { !$0.isWhitespace }) else { return }
            guard let record = nextRecord else {
                throw RewardError.tooMany(source: source, record: items[0].index, count: items.count)
            }
            guard let found = RewardLine.parse(line) else { throw RewardError.notANumber(source: source, record: record, found: line) }
            try await each(progress.advance(), found.reward)
        }

        var lineTooLong: RewardError {
            .notANumber(source: source, record: nextRecord ?? items.count, found: "a line of more than \(LineSplitter.maximumBytes) bytes")
        }
    }

    /// How many records were judged, and when something last happened.
    private final class Progress: Sendable {
        private let state = Mutex((count: 0, time: ContinuousClock.now))

        var count: Int {
            state.withLock { $0.count }
        }

        var idleTime: Duration {
            state.withLock { ContinuousClock.now - $0.time }
        }

        func touch() {
            state.withLock { $0.time = .now }
        }

        /// The place of the record that is judged now.
        func advance() -> Int {
            state.withLock { state in
                state.time = .now
                state.count += 1
                return state.count - 1
            }
        }
    }
}

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

    /// Judges answers, in their order; see ``RewardSource/score(_:each:)``.
    public func score(_ items: [RewardItem], each: @escaping @Sendable (Int, Double) async throws -> Void) async throws {
        guard let first = items.first else { return }
        signal(SIGPIPE, SIG_IGN)
        var options = PlatformOptions()
        // A group of its own: what the shell started ends with it, and the terminal's Ctrl-C is ours to answer.
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))]
        let position = Position()
        let status: TerminationStatus
        do {
            status = try await run(
                .path("/bin/sh"),
                arguments: ["-c", command],
                platformOptions: options,
                input: .inputWriter,
                output: .sequence,
                error: .currentStandardError
            ) { execution in
                do {
                    try await withThrowingTaskGroup(of: Bool.self) { group in
                        group.addTask {
                            for item in items { _ = try await execution.standardInputWriter.write(JSONLines.line(item)) }
                            try await execution.standardInputWriter.finish()
                            return false
                        }
                        group.addTask {
                            try await watch(position, items)
                            return false
                        }
                        group.addTask {
                            for try await line in execution.standardOutput.strings() where line.contains(where: { !$0.isWhitespace }) {
                                let place = position.next()
                                guard place < items.count else { throw wrongCount(items, place + 1) }
                                guard let found = RewardLine.parse(line) else {
                                    throw RewardError.notANumber(source: name, record: items[place].index, found: line)
                                }
                                try await each(place, found.reward)
                            }
                            return true
                        }
                        // The reader is what counts; a writer may fail because the program has gone, which the reader tells better.
                        while let outcome = await group.nextResult() {
                            switch outcome {
                            case .success(true): return group.cancelAll()
                            case .success(false): continue
                            case .failure(let error) where error is SubprocessError: continue
                            case .failure(let error): throw error
                            }
                        }
                    }
                } catch {
                    await execution.teardown(using: options.teardownSequence)
                    throw error
                }
            }.terminationStatus
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw RewardError.unavailable(source: name, reason: "\(error)")
        }
        let judged = position.count
        if judged < items.count {
            throw RewardError.ended(source: name, record: items[judged].index, reason: "\(status)")
        }
        guard status.isSuccess else {
            throw RewardError.wrongCount(
                source: "\(name), which ended with \(status),",
                record: first.index,
                expected: items.count,
                found: judged
            )
        }
    }

    private func wrongCount(_ items: [RewardItem], _ found: Int) -> RewardError {
        .wrongCount(source: name, record: items[0].index, expected: items.count, found: found)
    }

    /// Fails when no record was judged for too long.
    private func watch(_ position: Position, _ items: [RewardItem]) async throws {
        while true {
            let left = timeout - position.idleTime
            guard left > .zero else {
                throw RewardError.timeout(
                    source: name,
                    record: items[min(position.count, items.count - 1)].index,
                    seconds: timeout / .seconds(1)
                )
            }
            try await Task.sleep(for: left)
        }
    }

    /// How many records were judged, and when the last was.
    private final class Position: Sendable {
        private let state = Mutex((count: 0, time: ContinuousClock.now))

        var count: Int {
            state.withLock { $0.count }
        }

        var idleTime: Duration {
            state.withLock { ContinuousClock.now - $0.time }
        }

        /// The place of the record that is judged now.
        func next() -> Int {
            state.withLock { state in
                state.time = .now
                state.count += 1
                return state.count - 1
            }
        }
    }
}

import ArgumentParser
import Foundation
import Server

/// Lets Ctrl-C and SIGTERM end a long step in good order: what is finished is kept. A second signal ends the program at once.
enum Interruptible {
    /// The exit code of a program that SIGINT ended, as shells have it.
    private static let exitCode = ExitCode(130)

    /// Runs a step; a signal cancels its task.
    ///
    /// - Throws: what the step throws, or the exit code 130 where a signal ended it.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let signals = Signals()
        let termination = signals.termination
        let task = Task { try await body() }
        let watcher = Task {
            for await _ in termination { task.cancel() }
        }
        defer {
            watcher.cancel()
            withExtendedLifetime(signals) {}
        }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch is CancellationError {
            StandardError.write("\ninterrupted; what is finished is kept, and the same command goes on from there\n")
            throw exitCode
        }
    }
}

import ArgumentParser
import Foundation
import Inference

/// A chat whose lines come from a pipe or a file.
enum ChatScript {
    /// Takes line after line. What goes wrong with one is told, and the next is taken.
    ///
    /// - Throws: an exit code where something went wrong.
    static func run(_ chat: ChatSession) async throws {
        var splitter = LineSplitter()
        var hasFailed = false
        var hasEnded = false
        lines: while true {
            guard let line = splitter.next() ?? (hasEnded ? splitter.rest() : nil) else {
                if hasEnded { break }
                // Reading waits for whoever writes, so it has a thread of its own.
                let bytes = try await OffPool.run { try StandardInput.piece(wanted: "messages, a line each") }
                hasEnded = bytes.isEmpty
                splitter.take(bytes)
                continue
            }
            do {
                if case .quit = try await chat.take(line, interruption: nil) { break lines }
            } catch {
                hasFailed = true
                StandardError.write(ErrorAdvice.text(error, style: .commands) + "\n")
            }
        }
        if hasFailed { throw ExitCode.failure }
    }
}

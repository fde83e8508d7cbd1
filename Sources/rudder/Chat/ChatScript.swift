import ArgumentParser
import Foundation
import Inference

/// A chat whose lines come from a pipe or a file.
enum ChatScript {
    private static let pieceBytes = 64 << 10

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
                let bytes = try await OffPool.run { try read() }
                hasEnded = bytes.isEmpty
                splitter.take(bytes)
                continue
            }
            do {
                if case .quit = try await chat.take(line, interruption: nil) { break lines }
            } catch {
                hasFailed = true
                StandardError.write("\(error)\n")
            }
        }
        if hasFailed { throw ExitCode.failure }
    }

    /// What there is to read, as soon as there is any; nothing at the end.
    private static func read() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: pieceBytes)
        while true {
            let count = bytes.withUnsafeMutableBytes { Foundation.read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count >= 0 { return Array(bytes[..<count]) }
            guard errno == EINTR else {
                throw CommandError("cannot read standard input: \(String(cString: strerror(errno))); give it messages, a line each")
            }
        }
    }
}

import Foundation
import Server
import Synchronization

/// Writes to standard output at once: a pipe or file would otherwise hold lines back until a buffer is full.
enum StandardOutput {
    private struct State {
        /// What the last write that failed was refused with.
        var failure: Int32?
        var endsLine = true
    }

    /// Of the process's one standard output, and as long as it: that is global by itself, and so is what was written to it last.
    private static let state = Mutex(State())

    /// Writes text as it is. Where nobody reads any more it is lost, which ends nothing; any other failure is kept for ``takeFailure()``.
    static func write(_ text: String) {
        guard !text.isEmpty else { return }
        state.withLock { state in
            state.endsLine = text.utf8.last == UInt8(ascii: "\n")
            let failure = DescriptorOutput.write(Array(text.utf8), to: STDOUT_FILENO)
            if let failure, failure != EPIPE { state.failure = failure }
        }
    }

    /// Ends the line that was begun, where one was.
    static func endLine() {
        if !state.withLock({ $0.endsLine }) { write("\n") }
    }

    /// Why something that was written is lost, told once; nil where nothing is.
    static func takeFailure() -> CommandError? {
        let failure = state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
        return failure.map {
            CommandError("cannot write standard output: \(String(cString: strerror($0))); free some space, or send it elsewhere")
        }
    }
}

import Foundation
import Synchronization

/// The terminal's settings while a line is edited or an answer watched: bytes come as they are typed, unechoed, and Ctrl-C is a byte.
///
/// Whatever ends the program, ``leave()`` must have been called; it may be called at any time, from any thread, and more than once.
final class TerminalMode: Sendable {
    private struct State {
        var original: termios?
        var isRaw = false
    }

    private let input: Int32
    private let output: Int32
    private let state = Mutex(State())

    init(input: Int32, output: Int32) {
        self.input = input
        self.output = output
    }

    /// Takes the terminal over, and asks it to mark what is pasted.
    ///
    /// - Returns: whether it could.
    @discardableResult
    func enter() -> Bool {
        state.withLock { state in
            guard !state.isRaw else { return true }
            var settings = termios()
            guard tcgetattr(input, &settings) == 0 else { return false }
            if state.original == nil { state.original = settings }
            settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
            settings.c_iflag &= ~tcflag_t(IXON | ICRNL | INLCR | IGNCR)
            guard tcsetattr(input, TCSADRAIN, &settings) == 0 else { return false }
            state.isRaw = true
            write("\u{1b}[?2004h")
            return true
        }
    }

    /// Gives the terminal back as it was found.
    func leave() {
        state.withLock { state in
            guard state.isRaw, var original = state.original else { return }
            write("\u{1b}[?2004l")
            tcsetattr(input, TCSADRAIN, &original)
            state.isRaw = false
        }
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Foundation.write(output, $0.baseAddress, $0.count) }
    }
}

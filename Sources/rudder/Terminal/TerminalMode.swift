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
            guard Self.apply(raw: settings, to: input) else { return false }
            state.isRaw = true
            write("\u{1b}[?2004h")
            return true
        }
    }

    /// Takes the terminal over again, where it was before the program was stopped and went on: a shell gives it back as it likes.
    func resume() {
        state.withLock { state in
            // A program in the background may not.
            guard state.isRaw, let original = state.original, [getpgrp(), -1].contains(tcgetpgrp(input)) else { return }
            if Self.apply(raw: original, to: input) { write("\u{1b}[?2004h") }
        }
    }

    /// Sets a terminal to hand over bytes as they are typed. Of the keys that send signals only that of SIGQUIT (Ctrl-\) stays: it ends a program
    /// that answers nothing any more.
    private static func apply(raw settings: termios, to input: Int32) -> Bool {
        var settings = settings
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
        settings.c_lflag |= tcflag_t(ISIG)
        settings.c_iflag &= ~tcflag_t(IXON | ICRNL | INLCR | IGNCR | ISTRIP)
        withUnsafeMutableBytes(of: &settings.c_cc) { characters in
            // 0 is no key.
            for index in [VINTR, VSUSP] { characters[Int(index)] = 0 }
            characters[Int(VMIN)] = 1
            characters[Int(VTIME)] = 0
        }
        return tcsetattr(input, TCSADRAIN, &settings) == 0
    }

    /// Gives the terminal back as it was found.
    func leave() {
        state.withLock { state in
            guard state.isRaw, var original = state.original else { return }
            // At once, whatever waits to be shown: a terminal that is stopped must not keep the program from ending.
            tcsetattr(input, TCSANOW, &original)
            state.isRaw = false
            var entry = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
            if poll(&entry, 1, 0) > 0 { write("\u{1b}[?2004l") }
        }
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Foundation.write(output, $0.baseAddress, $0.count) }
    }
}

import Foundation

/// Gives the terminal back where Ctrl-\ ends the program, or a fault of its own.
///
/// The handler does only what a handler may: it allocates nothing and takes no lock.
enum TerminalRescue {
    /// Standard input's settings as they were found; read once, before anybody changes them.
    private static let original: termios? = {
        var settings = termios()
        return tcgetattr(STDIN_FILENO, &settings) == 0 ? settings : nil
    }()

    private static let faults = [SIGABRT, SIGBUS, SIGSEGV, SIGILL, SIGTRAP, SIGFPE]

    /// What faults did before, such as showing a backtrace; read once, before anybody changes it.
    private static let actions = faults.map { number in
        var action = sigaction()
        sigaction(number, nil, &action)
        return action
    }

    /// Begins to watch. To be called before the terminal is taken over.
    static func install() {
        guard original != nil, actions.count == faults.count else { return }
        for number in faults + [SIGQUIT] {
            _ = signal(number) { number in TerminalRescue.rescue(number) }
        }
    }

    /// Gives the terminal back, and has the signal do what it did before; SIGQUIT ends the program.
    private static func rescue(_ number: Int32) {
        if var settings = original { tcsetattr(STDIN_FILENO, TCSANOW, &settings) }
        // No marks around what is pasted.
        let text: StaticString = "\u{1b}[?2004l"
        _ = write(STDIN_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        if let place = faults.firstIndex(of: number) {
            var action = actions[place]
            sigaction(number, &action, nil)
        } else {
            _ = signal(number, SIG_DFL)
        }
        raise(number)
    }
}

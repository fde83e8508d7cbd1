import Dispatch
import Foundation

/// The signals of a program that has taken a terminal over. Those that end it give the terminal back first.
final class TerminalSignals {
    private let sources: [any DispatchSourceSignal]

    /// Takes over SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT and SIGPIPE of this process.
    ///
    /// - Parameters:
    ///   - mode: the terminal's settings, which are restored before the program ends.
    ///   - interrupt: called for SIGINT.
    ///   - resize: called for SIGWINCH, and where the program goes on after it was stopped.
    init(mode: TerminalMode, interrupt: @escaping @Sendable () -> Void, resize: @escaping @Sendable () -> Void) {
        signal(SIGPIPE, SIG_IGN)
        let queue = DispatchQueue(label: "rudder.terminal.signals")
        func source(_ number: Int32, _ body: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
            // These do nothing that matters by themselves; the others must not end the program before the terminal is given back.
            if number != SIGWINCH, number != SIGCONT { signal(number, SIG_IGN) }
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler(handler: body)
            source.resume()
            return source
        }
        let endings = [SIGTERM, SIGHUP].map { number in
            source(number) {
                mode.leave()
                _exit(128 + number)
            }
        }
        let resumption = source(SIGCONT) {
            mode.resume()
            // What was drawn is no more where it was.
            resize()
        }
        sources = endings + [source(SIGINT, interrupt), source(SIGWINCH, resize), resumption]
    }
}

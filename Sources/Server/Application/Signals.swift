import Dispatch
import Foundation

/// The signals that end a server: the first asks it to drain, the second ends the process at once. A closed pipe ends nothing.
package final class Signals {
    /// Yields once, at the first SIGTERM or SIGINT.
    package let termination: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    /// Takes over SIGTERM, SIGINT and SIGPIPE of this process.
    package init() {
        signal(SIGPIPE, SIG_IGN)
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        termination = stream
        // One queue for both, so that "the second" is well defined.
        let queue = DispatchQueue(label: "rudder.signals")
        let count = SignalCount()
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if count.next() == 1 {
                    continuation.yield(number)
                    continuation.finish()
                } else {
                    _exit(128 + number)
                }
            }
            source.resume()
            return source
        }
    }
}

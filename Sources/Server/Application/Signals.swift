import Dispatch
import Foundation

/// The signals of a server: the first that ends it asks it to drain, the second ends the process at once; SIGHUP asks it to read its configuration again.
/// A closed pipe ends nothing.
package final class Signals {
    /// Yields once, at the first SIGTERM or SIGINT.
    package let termination: AsyncStream<Int32>
    /// Yields at each SIGHUP.
    package let reload: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    /// Takes over SIGTERM, SIGINT, SIGHUP and SIGPIPE of this process.
    package init() {
        signal(SIGPIPE, SIG_IGN)
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        termination = stream
        // One queue for both, so that "the second" is well defined.
        let queue = DispatchQueue(label: "rudder.signals")
        let count = SignalCount()
        let (reloads, hangup) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        reload = reloads
        signal(SIGHUP, SIG_IGN)
        let reloading = DispatchSource.makeSignalSource(signal: SIGHUP, queue: queue)
        reloading.setEventHandler { hangup.yield() }
        reloading.resume()
        let ending = [SIGTERM, SIGINT].map { number in
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
        sources = ending + [reloading]
    }
}

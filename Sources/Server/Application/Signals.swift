import Dispatch
import Foundation

/// The signals of a server: the first that ends it asks it to drain, the second ends the process at once; SIGHUP asks it to read its configuration again.
/// Until it serves there is nothing to drain, and the first ends the process. A closed pipe ends nothing. Long steps of the command line are asked likewise.
package final class Signals {
    /// Yields once, at the first SIGTERM or SIGINT.
    package let termination: AsyncStream<Int32>
    /// Yields at each SIGHUP.
    package let reload: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]
    private let count: SignalCount

    /// Takes over SIGTERM, SIGINT, SIGHUP and SIGPIPE of this process.
    ///
    /// - Parameter endsAtOnce: Whether there is nothing to end in good order before ``beginServing()``.
    package init(endsAtOnce: Bool = false) {
        signal(SIGPIPE, SIG_IGN)
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        termination = stream
        let (reloads, hangup) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        reload = reloads
        let count = SignalCount(serves: !endsAtOnce)
        self.count = count
        // One queue for all, so that "the second" is well defined.
        let queue = DispatchQueue(label: "rudder.signals")
        signal(SIGHUP, SIG_IGN)
        let reloading = DispatchSource.makeSignalSource(signal: SIGHUP, queue: queue)
        reloading.setEventHandler { hangup.yield() }
        reloading.resume()
        let ending = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if !count.serves { _exit(0) }
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

    /// From now on there is something to drain.
    package func beginServing() {
        count.beginServing()
    }
}

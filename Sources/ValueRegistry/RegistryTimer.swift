import Dispatch

/// A repeating call on a queue, until it is cancelled.
final class RegistryTimer: @unchecked Sendable {
    private let source: any DispatchSourceTimer

    init(queue: DispatchQueue, seconds: Double, _ body: @escaping @Sendable () -> Void) {
        source = DispatchSource.makeTimerSource(queue: queue)
        source.schedule(deadline: .now() + seconds, repeating: seconds, leeway: .milliseconds(50))
        source.setEventHandler(handler: body)
        source.activate()
    }

    func cancel() {
        source.cancel()
    }
}

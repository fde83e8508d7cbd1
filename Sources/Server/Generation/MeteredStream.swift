import Inference

/// A generation's events, counted for the caller whose request it is, and watched for a control that is not finite.
package struct MeteredStream: AsyncSequence, Sendable {
    private let stream: GenerationStream
    private let reservation: TokenReservation?
    private let watch: @Sendable (Bool) -> Void

    /// - Parameters:
    ///   - reservation: Counts the tokens; nil: nobody does.
    ///   - watch: Told how a stream that was steered ended: whether its control was finite.
    init(_ stream: GenerationStream, reservation: TokenReservation?, watch: @escaping @Sendable (Bool) -> Void) {
        self.stream = stream
        self.reservation = reservation
        self.watch = watch
    }

    /// Reads the events one after the other.
    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var events: GenerationStream.AsyncIterator
        fileprivate let reservation: TokenReservation?
        fileprivate let watch: @Sendable (Bool) -> Void
        private var counted = 0

        fileprivate init(events: GenerationStream.AsyncIterator, reservation: TokenReservation?, watch: @escaping @Sendable (Bool) -> Void)
        {
            self.events = events
            self.reservation = reservation
            self.watch = watch
        }

        package mutating func next() async throws -> GenerationEvent? {
            let event: GenerationEvent?
            do {
                event = try await events.next()
            } catch {
                if case GenerationError.controlNotFinite = error { watch(false) }
                throw error
            }
            switch event {
            case .token:
                counted += 1
                reservation?.count(1)
            case .finished(let summary):
                // Tokens that were no events of their own, such as those of a stop string.
                reservation?.count(summary.completionTokens - counted)
                if let control = summary.control, control.tokens > 0 { watch(true) }
            default: break
            }
            return event
        }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(events: stream.makeAsyncIterator(), reservation: reservation, watch: watch)
    }
}

import Inference

/// A generation's events, counted for the caller whose request it is, and watched for a control that is not finite.
package struct MeteredStream: AsyncSequence, Sendable {
    private let stream: GenerationStream
    private let caller: Caller?
    private let noteNotFinite: @Sendable () -> Void

    /// - Parameters:
    ///   - caller: Whose tokens they are; nil: nobody counts them.
    ///   - noteNotFinite: Told where the control was not finite, which ends the stream.
    init(_ stream: GenerationStream, caller: Caller?, noteNotFinite: @escaping @Sendable () -> Void) {
        self.stream = stream
        self.caller = caller
        self.noteNotFinite = noteNotFinite
    }

    /// Reads the events one after the other.
    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var events: GenerationStream.AsyncIterator
        fileprivate let caller: Caller?
        fileprivate let noteNotFinite: @Sendable () -> Void
        private var counted = 0

        fileprivate init(events: GenerationStream.AsyncIterator, caller: Caller?, noteNotFinite: @escaping @Sendable () -> Void) {
            self.events = events
            self.caller = caller
            self.noteNotFinite = noteNotFinite
        }

        package mutating func next() async throws -> GenerationEvent? {
            let event: GenerationEvent?
            do {
                event = try await events.next()
            } catch {
                if case GenerationError.controlNotFinite = error { noteNotFinite() }
                throw error
            }
            switch event {
            case .token:
                counted += 1
                caller?.take(generatedTokens: 1)
            case .finished(let summary):
                // Tokens that were no events of their own, such as those of a stop string.
                caller?.take(generatedTokens: summary.completionTokens - counted)
            default: break
            }
            return event
        }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(events: stream.makeAsyncIterator(), caller: caller, noteNotFinite: noteNotFinite)
    }
}

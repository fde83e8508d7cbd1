/// The events of one generation, for one reader. Dropping it, or cancelling the task that reads it, ends the generation at its next step.
public struct GenerationStream: AsyncSequence, Sendable {
    /// Leaves the queue when the last copy of the stream goes.
    private final class Reader: Sendable {
        let queue: EventQueue

        init(_ queue: EventQueue) {
            self.queue = queue
        }

        deinit {
            queue.cancel()
        }
    }

    private let reader: Reader

    init(_ queue: EventQueue) {
        reader = Reader(queue)
    }

    /// Reads the events one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let reader: AnyObject & Sendable
        fileprivate let queue: EventQueue

        /// The next event; nil after the last.
        ///
        /// - Throws: ``GenerationError``, or `CancellationError` where the task was cancelled.
        public mutating func next() async throws -> GenerationEvent? {
            try await queue.next()
        }
    }

    /// Starts reading. A stream is read once.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(reader: reader, queue: reader.queue)
    }

    /// Ends the generation; its reader gets a `CancellationError`.
    public func cancel() {
        reader.queue.cancel()
    }
}

import Synchronization

/// The places that a line takes until the workers know of it: given back once, at the latest when nobody holds it.
final class LineStart: Sendable {
    private let starts: LineStarts
    private let model: String
    private let sequences: Int
    private let hasEnded = Atomic<Bool>(false)

    init(starts: LineStarts, model: String, sequences: Int) {
        self.starts = starts
        self.model = model
        self.sequences = sequences
    }

    deinit {
        end()
    }

    /// Gives them back.
    func end() {
        if !hasEnded.exchange(true, ordering: .acquiringAndReleasing) { starts.end(sequences, model: model) }
    }
}

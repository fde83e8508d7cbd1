import Synchronization

/// Counts the sequences of lines that have their turn and are not submitted yet, so that no two of them take the same free place.
final class LineStarts: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// Takes places of a model for a line, if one is free beyond those that were taken before.
    ///
    /// - Parameters:
    ///   - sequences: How many the line has.
    ///   - free: How many places are free by what is submitted; nil where there is no such model, which takes none.
    /// - Returns: what was taken; nil where the line may not begin.
    func begin(_ sequences: Int, model: String, free: () -> Int?) -> LineStart? {
        counts.withLock { counts in
            guard let free = free() else { return LineStart(starts: self, model: model, sequences: 0) }
            guard free > counts[model, default: 0] else { return nil }
            counts[model, default: 0] += sequences
            return LineStart(starts: self, model: model, sequences: sequences)
        }
    }

    /// Gives back what a line took.
    func end(_ sequences: Int, model: String) {
        guard sequences > 0 else { return }
        counts.withLock { $0[model, default: 0] -= sequences }
    }
}

import Synchronization

/// The counts of one model's workers, which outlive their engines. A worker takes its lock once a step.
final class StatisticsRecorder: Sendable {
    private struct State {
        var model = ModelStatistics()
        var heads: [String: HeadStatistics] = [:]
    }

    private let state = Mutex(State())

    /// What was counted so far.
    var model: ModelStatistics {
        state.withLock { $0.model }
    }

    /// What steering did so far, by the name of the value function.
    var heads: [String: HeadStatistics] {
        state.withLock { $0.heads }
    }

    /// Counts what a step did, and empties it.
    func take(_ step: inout StepStatistics) {
        guard !step.isEmpty else { return }
        state.withLock { state in step.add(to: &state.model, heads: &state.heads) }
        step.removeAll()
    }

    /// Counts a worker that failed.
    func noteFailure() {
        state.withLock { $0.model.workerFailures += 1 }
    }
}

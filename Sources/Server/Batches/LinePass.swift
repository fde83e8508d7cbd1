import Synchronization

/// What a line takes of the gate while it is under way: given back once, at the latest when nobody holds the pass.
final class LinePass: Sendable {
    private let gate: LineGate
    private let weight: Int
    private let hasEnded = Atomic<Bool>(false)

    init(gate: LineGate, weight: Int) {
        self.gate = gate
        self.weight = weight
    }

    deinit {
        end()
    }

    /// Gives it back.
    func end() {
        if !hasEnded.exchange(true, ordering: .acquiringAndReleasing) { gate.release(weight) }
    }
}

import Compute
import Synchronization

/// Measures for several rows of a step how far control moved the next token's distribution and, where that is more than a row's budget, takes
/// the control signal back as far as needed: on a team of threads, each row by one of them, for a row is read several times over the whole vocabulary.
///
/// A row's result does not depend on the others. Owned by one thread.
public final class KLBatch {
    /// One row: where its states and logits are, with and without control.
    public struct Row {
        let controller: Controller
        let states: (steered: Int, plain: Int)
        let logits: (steered: Int, plain: Int)

        /// Describes a row.
        ///
        /// - Parameters:
        ///   - controller: what steered it; its settings have the budget, if there is one.
        ///   - states: the rows of its two states.
        ///   - logits: the rows of its two vectors of logits.
        public init(controller: Controller, states: (steered: Int, plain: Int), logits: (steered: Int, plain: Int)) {
            self.controller = controller
            self.states = states
            self.logits = logits
        }
    }

    /// What became of a row.
    public struct Outcome: Sendable {
        /// How much of the control signal was left, 0 to 1.
        public fileprivate(set) var scale: Float = 1
        /// KL(steered || plain) of the logits as they now are, in nats; not finite where a logit is not.
        public fileprivate(set) var divergence: Float = 0
        /// V of the state as it now is, where some of the signal was taken back; nil otherwise.
        public fileprivate(set) var value: Float?
    }

    /// What became of each row, in the order in which they were appended.
    public private(set) var outcomes: [Outcome] = []

    private let team: ThreadTeam
    private var rows: [Row] = []
    private let workspaces: [ControlWorkspace]
    private let nextRow = Atomic<Int>(0)

    /// Makes an empty batch; the caller of ``run(states:logits:)`` is the team's member 0.
    public init(team: ThreadTeam) {
        self.team = team
        workspaces = (0..<team.count).map { _ in ControlWorkspace() }
    }

    /// Forgets all rows.
    public func removeAll() {
        rows.removeAll(keepingCapacity: true)
        outcomes.removeAll(keepingCapacity: true)
    }

    /// Adds a row. None may be added twice.
    public func append(_ row: Row) {
        rows.append(row)
        outcomes.append(Outcome())
    }

    /// Fills ``outcomes``. Steered states and logits of rows that were over their budget change.
    public func run(states: FloatMatrix, logits: FloatMatrix) {
        nextRow.store(0, ordering: .relaxed)
        outcomes.withUnsafeMutableBufferPointer { outcomes in
            guard let outcomes = outcomes.baseAddress else { return }
            let work = Work(batch: self, states: states, logits: logits, outcomes: outcomes)
            if rows.count > 1 { team.run(work) } else { work.run(0..<1) }
        }
    }

    private struct Work: TeamWork {
        let batch: KLBatch
        let states: FloatMatrix
        let logits: FloatMatrix
        let outcomes: UnsafeMutablePointer<Outcome>

        func run(_ members: Range<Int>) {
            for member in members {
                while let place = batch.takeRow() {
                    outcomes[place] = batch.bound(batch.rows[place], states, logits, batch.workspaces[member])
                }
            }
        }
    }

    /// A row that nobody has.
    private func takeRow() -> Int? {
        let place = nextRow.add(1, ordering: .relaxed).oldValue
        return place < rows.count ? place : nil
    }

    private func bound(_ row: Row, _ states: FloatMatrix, _ logits: FloatMatrix, _ workspace: ControlWorkspace) -> Outcome {
        var outcome = Outcome()
        logits.withRow(row.logits.plain) { plain in
            guard let budget = row.controller.settings.klBudget else {
                outcome.divergence = logits.withRow(row.logits.steered) { KLBudget.divergence(steered: $0, plain: plain) }
                return
            }
            let kept = logits.withMutableRow(row.logits.steered) { KLBudget.apply(plain: plain, steered: &$0, budget: budget) }
            (outcome.scale, outcome.divergence) = (kept.scale, kept.divergence)
        }
        guard outcome.scale < 1 else { return outcome }
        states.withRow(row.states.plain) { plain in
            states.withMutableRow(row.states.steered) { state in
                for i in 0..<plain.count { state[i] = plain[i] + outcome.scale * (state[i] - plain[i]) }
            }
        }
        outcome.value = row.controller.value(states, row: row.states.steered, workspace: workspace)
        return outcome
    }
}

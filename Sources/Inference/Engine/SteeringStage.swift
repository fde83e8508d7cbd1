import Compute
import Control
import Transformer

/// Between the last norm and the output matrix: moves the states of the sequences that asked for it there, and computes the logits to sample from.
///
/// A row's result does not depend on the others. Where a trace or a KL budget wants the plain logits as well, the
/// plain state is one more row of the same output product.
final class SteeringStage {
    private let runner: ModelRunner
    private let controlled: ControlBatch
    private let bounded: KLBatch

    init(runner: ModelRunner, team: ThreadTeam, maximumSequences: Int) {
        self.runner = runner
        controlled = ControlBatch(team: team, maximumRows: maximumSequences)
        bounded = KLBatch(team: team)
    }

    /// Steers the rows and computes their logits.
    ///
    /// - Parameters:
    ///   - rows: the sequences to sample, at most as many as the runner keeps room for.
    ///   - firstFreeRow: the first row of the runner's hidden states that holds none of this step's.
    func run(_ rows: inout [SteeredRow], firstFreeRow: Int) {
        guard !rows.isEmpty else { return }
        let states = runner.hiddenStates
        // The states to sample from come to lie side by side, then the plain copies.
        var nextPlain = firstFreeRow + rows.count
        for index in rows.indices {
            states.copyRow(firstFreeRow + index, from: states, row: rows[index].stateRow)
            rows[index].logitsRow = index
            rows[index].sampledRow = firstFreeRow + index
            if let done = rows[index].sequence.layerControl {
                (rows[index].outcome, rows[index].valueAfter, rows[index].seconds) = (done.outcome, done.outcome.valueAfter, done.seconds)
            }
            guard let settings = rows[index].finalController?.settings, settings.trace || settings.klBudget != nil else { continue }
            states.copyRow(nextPlain, from: states, row: rows[index].stateRow)
            rows[index].plainRow = nextPlain
            nextPlain += 1
        }
        steer(&rows, firstRow: firstFreeRow)
        runner.computeLogits(stateRows: firstFreeRow..<nextPlain)
        bound(&rows, firstRow: firstFreeRow)
    }

    /// Moves the states of all controlled rows together.
    private func steer(_ rows: inout [SteeredRow], firstRow: Int) {
        controlled.removeAll()
        for (index, row) in rows.enumerated() {
            if let controller = row.finalController { controlled.append(controller, row: firstRow + index) }
        }
        guard !controlled.outcomes.isEmpty else { return }
        let start = ContinuousClock.now
        controlled.steer(runner.hiddenStates)
        let seconds = (ContinuousClock.now - start) / .seconds(1) / Double(controlled.outcomes.count)
        var place = 0
        for index in rows.indices where rows[index].finalController != nil {
            rows[index].outcome = controlled.outcomes[place]
            rows[index].valueAfter = controlled.outcomes[place].valueAfter
            rows[index].seconds = seconds
            place += 1
        }
    }

    /// Measures the divergence from the plain logits and, where there is a budget, scales the signal until it is kept.
    private func bound(_ rows: inout [SteeredRow], firstRow: Int) {
        bounded.removeAll()
        for (index, row) in rows.enumerated() where row.isBounded {
            guard let controller = row.sequence.request.control, let plainRow = row.plainRow else { continue }
            bounded.append(
                KLBatch.Row(
                    controller: controller,
                    states: (steered: firstRow + index, plain: plainRow),
                    logits: (steered: row.logitsRow, plain: plainRow - firstRow)
                )
            )
        }
        guard !bounded.outcomes.isEmpty else { return }
        let start = ContinuousClock.now
        bounded.run(states: runner.hiddenStates, logits: runner.logits)
        let seconds = (ContinuousClock.now - start) / .seconds(1) / Double(bounded.outcomes.count)
        var place = 0
        for index in rows.indices where rows[index].isBounded {
            let outcome = bounded.outcomes[place]
            (rows[index].scale, rows[index].divergence) = (outcome.scale, outcome.divergence)
            if let value = outcome.value { rows[index].valueAfter = value }
            rows[index].seconds += seconds
            place += 1
        }
    }
}

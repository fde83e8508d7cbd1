import Compute
import Control
import Transformer

/// Between the last norm and the output matrix: moves the states of the sequences that asked for it, and computes the logits to sample from.
///
/// Every row is steered by itself, so its result does not depend on the others. Where a trace or a KL budget wants the plain logits as well, the
/// plain state is one more row of the same output product.
final class SteeringStage {
    private let runner: ModelRunner
    private let team: ThreadTeam
    private let workspaces: [ControlWorkspace]
    private var outcomes: [ControlOutcome?] = []

    init(runner: ModelRunner, team: ThreadTeam, maximumSequences: Int) {
        self.runner = runner
        self.team = team
        workspaces = (0..<team.count).map { _ in ControlWorkspace() }
        outcomes.reserveCapacity(maximumSequences)
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
        var plainRows: [Int?] = []
        for index in rows.indices {
            states.copyRow(firstFreeRow + index, from: states, row: rows[index].stateRow)
            rows[index].logitsRow = index
            let settings = rows[index].sequence.request.control?.settings
            guard let settings, settings.trace || settings.klBudget != nil else {
                plainRows.append(nil)
                continue
            }
            states.copyRow(nextPlain, from: states, row: rows[index].stateRow)
            plainRows.append(nextPlain)
            nextPlain += 1
        }
        steer(&rows, firstRow: firstFreeRow)
        runner.computeLogits(stateRows: firstFreeRow..<nextPlain)
        for index in rows.indices {
            if let plainRow = plainRows[index] {
                bound(&rows[index], stateRow: firstFreeRow + index, plainRow: plainRow, firstRow: firstFreeRow)
            }
        }
    }

    /// Moves the states of all controlled rows, the members of the team side by side.
    private func steer(_ rows: inout [SteeredRow], firstRow: Int) {
        let controlled = rows.indices.filter { rows[$0].sequence.request.control != nil }
        guard !controlled.isEmpty else { return }
        let start = ContinuousClock.now
        outcomes.removeAll(keepingCapacity: true)
        outcomes.append(contentsOf: repeatElement(nil, count: rows.count))
        let (states, workspaces, members) = (runner.hiddenStates, workspaces, min(team.count, controlled.count))
        let controllers = rows.map(\.sequence.request.control)
        outcomes.withUnsafeMutableBufferPointer { outcomes in
            nonisolated(unsafe) let outcomes = outcomes
            let work = { (member: Int) in
                for item in stride(from: member, to: controlled.count, by: members) {
                    let index = controlled[item]
                    outcomes[index] = controllers[index]?.steer(states, row: firstRow + index, workspace: workspaces[member])
                }
            }
            if members == 1 { work(0) } else { team.run { if $0 < members { work($0) } } }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1) / Double(controlled.count)
        for index in controlled {
            rows[index].outcome = outcomes[index]
            rows[index].valueAfter = outcomes[index]?.valueAfter ?? 0
            rows[index].seconds = seconds
        }
    }

    /// Measures the divergence from the plain logits and, where there is a budget, scales the signal until it is kept.
    private func bound(_ row: inout SteeredRow, stateRow: Int, plainRow: Int, firstRow: Int) {
        guard row.outcome?.isFinite == true, let controller = row.sequence.request.control else { return }
        let start = ContinuousClock.now
        let (states, logits, index) = (runner.hiddenStates, runner.logits, row.logitsRow)
        logits.withRow(plainRow - firstRow) { plain in
            guard let budget = controller.settings.klBudget else {
                row.divergence = logits.withRow(index) { KLBudget.divergence(steered: $0, plain: plain) }
                return
            }
            let kept = logits.withMutableRow(index) { KLBudget.apply(plain: plain, steered: &$0, budget: budget) }
            (row.scale, row.divergence) = (kept.scale, kept.divergence)
        }
        if row.scale < 1 {
            let scale = row.scale
            states.withRow(plainRow) { plain in
                states.withMutableRow(stateRow) { state in
                    for i in 0..<plain.count { state[i] = plain[i] + scale * (state[i] - plain[i]) }
                }
            }
            row.valueAfter = controller.value(states, row: stateRow, workspace: workspaces[0])
        }
        row.seconds += (ContinuousClock.now - start) / .seconds(1)
    }
}

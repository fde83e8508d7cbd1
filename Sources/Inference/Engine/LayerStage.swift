import Compute
import Control

/// Between blocks: moves the states of the sequences whose value functions are for a site there, and copies those that are to be reported.
///
/// Moved is every position whose state gives a token: the prompt's last and all behind it, also where they are computed anew. What later blocks
/// write into the cache there is the sequence's own (``Sequence/sharedCount``). A row's result does not depend on the others.
final class LayerStage {
    /// A row of the batch, and whose it is.
    private struct Row {
        let layer: Int
        let sequence: Sequence
        let index: Int
    }

    private let controlled: ControlBatch
    /// How many rows are steered together at most.
    private let maximumRows: Int
    private var steered: [Row] = []
    private var reported: [Row] = []
    /// What is steered together; kept to be filled again.
    private var pending: [Row] = []

    init(team: ThreadTeam, maximumSequences: Int) {
        maximumRows = max(maximumSequences, 1)
        controlled = ControlBatch(team: team, maximumRows: maximumRows)
    }

    /// Forgets the last step's rows, and what steered them.
    func removeAll() {
        controlled.removeAll()
        pending.removeAll(keepingCapacity: true)
        steered.removeAll(keepingCapacity: true)
        reported.removeAll(keepingCapacity: true)
    }

    /// Takes in a piece that was appended to the batch.
    ///
    /// - Parameters:
    ///   - piece: the piece, not computed yet.
    ///   - firstRow: the batch's row of its first token.
    func add(_ piece: ScheduledPiece, firstRow: Int) {
        let sequence = piece.sequence
        sequence.layerControl = nil
        sequence.layerState = nil
        let end = firstRow + piece.count
        if case .layer(let layer) = sequence.request.control?.site, sequence.sharedCount < sequence.computedCount + piece.count {
            let first = firstRow + max(0, sequence.sharedCount - sequence.computedCount)
            for index in first..<end { steered.append(Row(layer: layer, sequence: sequence, index: index)) }
        }
        if case .layer(let layer) = sequence.request.stateSite, piece.reachesEnd, sequence.wantsState {
            reported.append(Row(layer: layer, sequence: sequence, index: end - 1))
        }
    }

    /// Moves and copies what is to be moved and copied behind a block.
    func visit(layer: Int, residual: FloatMatrix) {
        for row in steered where row.layer == layer {
            pending.append(row)
            if pending.count == maximumRows { steerPending(residual) }
        }
        if !pending.isEmpty { steerPending(residual) }
        for row in reported where row.layer == layer { row.sequence.layerState = HiddenState(residual, row: row.index) }
    }

    /// Each sequence is left with the outcome of its last row, or of the first that is not finite.
    private func steerPending(_ residual: FloatMatrix) {
        controlled.removeAll()
        for row in pending {
            if let controller = row.sequence.request.control { controlled.append(controller, row: row.index) }
        }
        let start = ContinuousClock.now
        controlled.steer(residual)
        let seconds = (ContinuousClock.now - start) / .seconds(1) / Double(pending.count)
        for (row, outcome) in zip(pending, controlled.outcomes) where row.sequence.layerControl?.outcome.isFinite != false {
            row.sequence.layerControl = (outcome, seconds)
        }
        pending.removeAll(keepingCapacity: true)
    }
}

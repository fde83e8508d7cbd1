import Compute
import Synchronization

/// Runs items through a network on all threads: in a fixed number of slices, so that results do not depend on the number of threads.
final class TrainingPasses {
    /// What a mini-batch came to.
    struct Total {
        var loss = 0.0
        var terms = 0
    }

    private static let sliceCount = 4
    private let objective: any TrainingObjective
    private let team: ThreadTeam
    private let slices: [Slice]
    private let capacity: Int

    /// One slice's memory and results.
    private final class Slice {
        let pass: NetworkPass
        var items: ArraySlice<Int> = []
        var values: [[Float]] = []
        var total = Total()
        var failure: (any Error)?

        init(_ pass: NetworkPass) {
            self.pass = pass
        }
    }

    /// Makes room for mini-batches of that many items.
    init(objective: any TrainingObjective, parameters: NetworkParameters, team: ThreadTeam, batch: Int) {
        self.objective = objective
        self.team = team
        let longest = (0..<objective.itemCount).map(objective.stateCount).max() ?? 1
        let each = (batch + Self.sliceCount - 1) / Self.sliceCount
        capacity = each * longest
        let rows = capacity
        slices = (0..<Self.sliceCount).map { _ in Slice(NetworkPass(parameters: parameters, capacity: rows)) }
    }

    /// Adds up the loss of a mini-batch, and leaves its gradient, summed over terms, in `gradient`.
    func learn(_ items: [Int], scaling: InputScaling, gradient: NetworkParameters) throws -> Total {
        try run(items, scaling: scaling, isLearning: true)
        gradient.clear()
        var total = Total()
        for slice in slices {
            gradient.add(slice.pass.gradient)
            total.loss += slice.total.loss
            total.terms += slice.total.terms
        }
        return total
    }

    /// The values of all items and their loss.
    func evaluate(scaling: InputScaling, batch: Int) throws -> (values: [[Float]], total: Total) {
        var (values, total) = ([[Float]](), Total())
        for first in stride(from: 0, to: objective.itemCount, by: batch) {
            try run(Array(first..<min(first + batch, objective.itemCount)), scaling: scaling, isLearning: false)
            for slice in slices {
                values += slice.values
                total.loss += slice.total.loss
                total.terms += slice.total.terms
            }
        }
        return (values, total)
    }

    /// The moments of the states of items.
    func moments(_ items: [Int], width: Int) throws -> StateMoments {
        var moments = StateMoments(width: width)
        for item in items {
            let count = objective.stateCount(item)
            try objective.load(item, into: slices[0].pass.input, at: 0)
            moments.add(slices[0].pass.input, rows: count)
        }
        return moments
    }

    private func run(_ items: [Int], scaling: InputScaling, isLearning: Bool) throws {
        for (index, slice) in slices.enumerated() {
            slice.items = items[items.count * index / slices.count..<items.count * (index + 1) / slices.count]
        }
        team.split(slices.count, Work(passes: self, scaling: scaling, isLearning: isLearning))
        if let failure = slices.lazy.compactMap(\.failure).first { throw failure }
    }

    private struct Work: TeamWork {
        let passes: TrainingPasses
        let scaling: InputScaling
        let isLearning: Bool

        func run(_ members: Range<Int>) {
            for member in members { passes.run(passes.slices[member], scaling: scaling, isLearning: isLearning) }
        }
    }

    private func run(_ slice: Slice, scaling: InputScaling, isLearning: Bool) {
        slice.total = Total()
        slice.values.removeAll(keepingCapacity: true)
        slice.failure = nil
        if isLearning { slice.pass.gradient.clear() }
        var count = 0
        do {
            for item in slice.items {
                try objective.load(item, into: slice.pass.input, at: count)
                count += objective.stateCount(item)
            }
        } catch {
            slice.failure = error
            return
        }
        scaling.apply(slice.pass.input, rows: count)
        let values = slice.pass.forward(count: count)
        var (derivatives, start) = ([Float](), 0)
        for item in slice.items {
            let end = start + objective.stateCount(item)
            let outcome = objective.loss(item, values: values[start..<end])
            slice.total.loss += outcome.loss
            slice.total.terms += outcome.terms
            derivatives += outcome.derivatives
            slice.values.append(Array(values[start..<end]))
            start = end
        }
        if isLearning { slice.pass.backward(derivatives, count: count) }
    }
}

import Compute
import Control
import Testing

@Suite("Control batch")
struct ControlBatchTests {
    /// Controllers of every kind: shared heads, other settings, wide enough to be shared out, several heads, deep, without steps.
    private func controllers(width: Int, _ random: inout RandomHead) throws -> [Controller] {
        let (a, b) = (try random.head([width, 320]), try random.head([width, 200], weight: -0.5))
        let deep = try random.head([width, 300, 260], weight: 0.7)
        var settings = ControlSettings()
        settings.stepSize = 0.1
        var bounded = settings
        bounded.maxNorm = 0.05
        bounded.regularization = 0.01
        var targeted = settings
        targeted.targetValue = 0.4
        var none = settings
        none.steps = 0
        let grams = GramCache()
        return [
            try Controller(heads: [a], settings: settings, grams: grams), try Controller(heads: [a], settings: bounded, grams: grams),
            try Controller(heads: [a, b], settings: settings, grams: grams), try Controller(heads: [deep], settings: bounded, grams: grams),
            try Controller(heads: [a], settings: none, grams: grams), try Controller(heads: [b], settings: targeted, grams: grams),
            try Controller(heads: [a, deep], settings: settings, grams: grams),
        ]
    }

    private func bits(_ states: FloatMatrix, _ row: Int) -> [UInt32] {
        states.row(row).map(\.bitPattern)
    }

    @Test("a row has the same bits alone and in every company, with every number of threads", arguments: [1, 2, 3])
    func batchInvariance(threads: Int) throws {
        var random = RandomHead(seed: 21)
        let width = 264
        let controllers = try controllers(width: width, &random)
        let inputs = (0..<9).map { _ in random.floats(width) }
        // Each state with each controller, alone.
        let alone = FloatMatrix(rows: 1, columns: width)
        let workspace = ControlWorkspace()
        func expected(_ input: Int, _ controller: Int) -> (state: [UInt32], outcome: ControlOutcome) {
            alone.setRow(0, to: inputs[input])
            let outcome = controllers[controller].steer(alone, row: 0, workspace: workspace)
            return (bits(alone, 0), outcome)
        }
        let team = ThreadTeam(threads: threads)
        let batch = ControlBatch(team: team, maximumRows: 2)
        let states = FloatMatrix(rows: 9, columns: width)
        for (count, seed) in [(1, 0), (1, 3), (2, 0), (5, 1), (9, 0), (9, 5), (3, 2)] {
            batch.removeAll()
            let chosen = (0..<count).map { (input: ($0 + seed) % 9, controller: ($0 * 2 + seed) % controllers.count) }
            // Rows need not stand in the order in which they are appended.
            for (place, choice) in chosen.enumerated() {
                states.setRow(8 - place, to: inputs[choice.input])
                batch.append(controllers[choice.controller], row: 8 - place)
            }
            batch.steer(states)
            #expect(batch.outcomes.count == count)
            for (place, choice) in chosen.enumerated() {
                let expected = expected(choice.input, choice.controller)
                #expect(bits(states, 8 - place) == expected.state)
                #expect(batch.outcomes[place] == expected.outcome)
            }
        }
    }

    @Test("rows that were not appended stay as they were, and an empty batch does nothing")
    func leavesOthers() throws {
        var random = RandomHead(seed: 22)
        let controllers = try controllers(width: 264, &random)
        let states = FloatMatrix(rows: 2, columns: 264)
        states.setRow(0, to: random.floats(264))
        states.setRow(1, to: random.floats(264))
        let before = [bits(states, 0), bits(states, 1)]
        let batch = ControlBatch(team: ThreadTeam(threads: 2), maximumRows: 0)
        batch.steer(states)
        #expect([bits(states, 0), bits(states, 1)] == before)
        batch.append(controllers[0], row: 1)
        batch.steer(states)
        #expect(bits(states, 0) == before[0] && bits(states, 1) != before[1])
    }
}

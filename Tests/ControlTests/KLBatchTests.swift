import Compute
import Control
import Testing

@Suite("KL batch")
struct KLBatchTests {
    @Test("each row is bounded as it is alone, by any number of threads, and its state and value follow", arguments: [1, 2, 3])
    func boundsEachRow(threads: Int) throws {
        var random = RandomHead(seed: 31)
        let (width, vocabulary, count) = (40, 1003, 7)
        let head = try random.head([width, 64])
        let budgets: [Float?] = [nil, 0.02, 1000, 0]
        let controllers = try budgets.map { budget -> Controller in
            var settings = ControlSettings()
            settings.klBudget = budget
            return try Controller(heads: [head], settings: settings, grams: GramCache())
        }
        let (states, logits) = (FloatMatrix(rows: 2 * count, columns: width), FloatMatrix(rows: 2 * count, columns: vocabulary))
        for row in 0..<2 * count {
            states.setRow(row, to: random.floats(width))
            logits.setRow(row, to: random.floats(vocabulary, scale: 3))
        }
        let before = (0..<2 * count).map { (state: states.row($0), logits: logits.row($0)) }
        let batch = KLBatch(team: ThreadTeam(threads: threads))
        // What was in it before is forgotten.
        for rows in [3, count] {
            for row in 0..<2 * count {
                states.setRow(row, to: before[row].state)
                logits.setRow(row, to: before[row].logits)
            }
            batch.removeAll()
            for row in 0..<rows {
                let places = (steered: row, plain: count + row)
                batch.append(KLBatch.Row(controller: controllers[row % 4], states: places, logits: places))
            }
            batch.run(states: states, logits: logits)
            #expect(batch.outcomes.count == rows)
        }
        let alone = FloatMatrix(rows: 2, columns: vocabulary)
        for row in 0..<count {
            let (controller, outcome) = (controllers[row % 4], batch.outcomes[row])
            alone.setRow(0, to: before[row].logits)
            alone.setRow(1, to: before[count + row].logits)
            let divergence = alone.withRow(1) { plain in alone.withRow(0) { KLBudget.divergence(steered: $0, plain: plain) } }
            guard let budget = controller.settings.klBudget else {
                #expect(outcome.divergence == divergence && outcome.scale == 1)
                #expect(logits.row(row) == before[row].logits && states.row(row) == before[row].state && outcome.value == nil)
                continue
            }
            let expected = alone.withRow(1) { plain in
                alone.withMutableRow(0) { KLBudget.apply(plain: plain, steered: &$0, budget: budget) }
            }
            #expect(outcome.scale == expected.scale && outcome.divergence == expected.divergence && outcome.divergence <= budget)
            #expect(logits.row(row) == alone.row(0))
            let mixed = zip(before[row].state, before[count + row].state).map { $1 + expected.scale * ($0 - $1) }
            #expect(states.row(row) == (expected.scale < 1 ? mixed : before[row].state))
            #expect(outcome.value == (expected.scale < 1 ? controller.value(states, row: row, workspace: ControlWorkspace()) : nil))
        }
        #expect(batch.outcomes.contains { $0.scale > 0 && $0.scale < 1 } && batch.outcomes.contains { $0.scale == 0 })
    }
}

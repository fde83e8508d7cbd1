import Compute
import Control
import ModelFiles
import TestSupport
import Testing

/// RE-Control's optimization against a double-precision loop with autograd.
@Suite("Golden control", .enabled(if: !GoldenControlCase.all().isEmpty, "needs golden control/cases.json"))
struct GoldenControlTests {
    @Test("both paths reach the reference's states to 1e-5 of their norm, with its steps and values", arguments: GoldenControlCase.all())
    func matchesAutograd(golden: GoldenControlCase) throws {
        let path = try #require(GoldenFiles.url("control/\(golden.file)")).path
        let file = try SafetensorsFile(path: path)
        let head = WeightedHead(valueFunction: try golden.head(file), weight: 1, name: "golden", version: 1)
        #expect(head.valueFunction.layerCount == golden.layers)
        let chosen = try Controller(heads: [head], settings: golden.settings, grams: GramCache())
        #expect(chosen.usesHiddenSpace == (golden.layers == 2))
        for controller in [chosen, Controller(backpropagating: [head], settings: golden.settings)] {
            try check(controller, file, golden)
        }
    }

    private func check(_ controller: Controller, _ file: SafetensorsFile, _ golden: GoldenControlCase) throws {
        let shape = try file.tensor("hidden").shape
        let (hidden, expected) = (try file.floats("hidden"), try file.floats("expected_hidden"))
        let (before, after) = (try file.floats("expected_value_before"), try file.floats("expected_value_after"))
        let steps = try file.floats("expected_steps").map { Int($0) }
        let states = FloatMatrix(rows: shape[0], columns: shape[1])
        let workspace = ControlWorkspace()
        var worst: Float = 0
        for row in 0..<shape[0] {
            let columns = row * shape[1]..<(row + 1) * shape[1]
            states.setRow(row, to: Array(hidden[columns]))
            let outcome = controller.steer(states, row: row, workspace: workspace)
            let norm = hidden[columns].reduce(0) { $0 + $1 * $1 }.squareRoot()
            let error = zip(states.row(row), expected[columns]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            worst = max(worst, error / norm)
            #expect(error <= 1e-5 * norm)
            #expect(outcome.isFinite && outcome.steps == steps[row])
            #expect(abs(outcome.valueBefore - before[row]) <= 1e-4 * max(1, abs(before[row])))
            #expect(abs(outcome.valueAfter - after[row]) <= 1e-4 * max(1, abs(after[row])))
        }
        print(
            "\(golden.file), \(controller.usesHiddenSpace ? "hidden space" : "backpropagation"): worst error \(worst) of the state's norm"
        )
    }
}

import Compute
import Control
import Inference

/// Says what a value function thinks of reported states.
package struct StateValue: Sendable {
    private let controller: Controller

    /// Where its states are taken.
    package var site: HiddenStateSite { controller.site }

    /// Takes a value function.
    package init(head: ValueFunction) throws(ControlError) {
        var settings = ControlSettings()
        settings.steps = 0
        controller = try Controller(
            heads: [WeightedHead(valueFunction: head, weight: 1, name: "value", version: 1)],
            settings: settings,
            grams: GramCache(byteLimit: 0)
        )
    }

    /// Memory to evaluate with, for one task at a time.
    package func evaluator() -> Evaluator {
        Evaluator(controller: controller)
    }

    package final class Evaluator {
        private let controller: Controller
        private let matrix: FloatMatrix
        private let workspace = ControlWorkspace()

        init(controller: Controller) {
            self.controller = controller
            matrix = FloatMatrix(rows: 1, columns: controller.hiddenSize)
        }

        /// V of a state, which must have the head's width.
        package func value(_ state: HiddenState) -> Float {
            precondition(state.halves.count == controller.hiddenSize, "a state of another width")
            matrix.setRow(0, toHalves: state.halves)
            return controller.value(matrix, row: 0, workspace: workspace)
        }
    }
}

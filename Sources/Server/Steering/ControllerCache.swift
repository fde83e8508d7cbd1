import Control
import Synchronization

/// The controllers of recent requests: those that name the same value functions and settings share one.
package final class ControllerCache: Sendable {
    /// What a controller is made of.
    package struct Key: Hashable, Sendable {
        /// Checksum and weight of each value function.
        package var heads: [Head]
        package var steps: Int
        package var stepSize: Float
        package var regularization: Float
        package var maxNorm: Float?
        package var klBudget: Float?
        package var targetValue: Float?
        package var trace: Bool

        package struct Head: Hashable, Sendable {
            package var name: String
            package var version: Int
            package var sha256: String
            package var weight: Float
        }

        package init(heads: [Head], settings: ControlSettings) {
            self.heads = heads
            steps = settings.steps
            stepSize = settings.stepSize
            regularization = settings.regularization
            maxNorm = settings.maxNorm
            klBudget = settings.klBudget
            targetValue = settings.targetValue
            trace = settings.trace
        }
    }

    private struct State {
        var controllers: [Key: (controller: Controller, lastUse: UInt64)] = [:]
        var clock: UInt64 = 0
        var byteCount = 0
    }

    private let capacity: Int
    private let byteLimit: Int
    private let state = Mutex(State())

    /// The controller unused for longest goes first, but for the last one.
    ///
    /// - Parameters:
    ///   - capacity: How many controllers are kept.
    ///   - byteLimit: How many bytes of weights and matrices they hold, each counted for itself.
    package init(capacity: Int = 64, byteLimit: Int) {
        self.capacity = capacity
        self.byteLimit = byteLimit
    }

    /// The controller made for that key; nil where there is none.
    package func controller(for key: Key) -> Controller? {
        state.withLock { state in
            state.clock += 1
            guard let entry = state.controllers[key] else { return nil }
            state.controllers[key] = (entry.controller, state.clock)
            return entry.controller
        }
    }

    /// Keeps a controller. Where another request was quicker, its controller stays and is returned.
    package func insert(_ controller: Controller, for key: Key) -> Controller {
        state.withLock { state in
            state.clock += 1
            if let entry = state.controllers[key] { return entry.controller }
            state.byteCount += controller.byteCount
            while state.controllers.count >= capacity || state.byteCount > byteLimit,
                let oldest = state.controllers.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.controllers[oldest.key] = nil
                state.byteCount -= oldest.value.controller.byteCount
            }
            state.controllers[key] = (controller, state.clock)
            return controller
        }
    }
}

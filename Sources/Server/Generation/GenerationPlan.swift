import Control
import Inference

/// A request's options made ready: its value functions found, its format turned into a constraint on the model's tokens.
package struct GenerationPlan: Sendable {
    package let options: GenerationOptions
    package let model: LoadedModel
    package let capture: CaptureRequest?
    package let controller: Controller?
    /// Which version is to blame where the control is not finite; nil where that may be the request's own doing.
    package let answerable: HeadQuarantine.Version?
    package let constraint: OutputConstraint?

    /// Whether every token's control is reported.
    package var isTraced: Bool {
        controller?.settings.trace ?? false
    }

    /// Empty, for the hidden states that a choice reports; nil where none are asked for.
    package var capturedStates: CapturedStates? {
        capture.map { CapturedStates($0, hiddenSize: model.configuration.hiddenSize) }
    }

    /// Puts what all sequences have in common into a sequence's request.
    package func apply(to request: inout GenerationRequest) {
        request.sampling = options.sampling
        request.stop = options.stop
        request.control = controller
        request.constraint = constraint
        request.capturedTokens = capture?.window
        request.stateSite = capture?.site ?? .finalNorm
        request.ignoresEndOfSequence = options.ignoreEndOfSequence
    }
}

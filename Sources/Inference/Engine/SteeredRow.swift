import Control

/// A sequence whose next token is to be sampled in this step, and what steering did to its state.
struct SteeredRow {
    let sequence: Sequence
    /// Its final hidden state's row after the forward pass.
    let stateRow: Int
    /// The row of the logits to sample from.
    var logitsRow = 0
    /// The row of the hidden states that those logits are of.
    var sampledRow = 0
    /// The row of the hidden states that keeps the plain state, where its logits are wanted as well.
    var plainRow: Int?
    /// What steering did; nil for a plain request.
    var outcome: ControlOutcome?
    /// How much of the control signal the KL budget left, 0 to 1.
    var scale: Float = 1
    /// V at the state that gave the logits.
    var valueAfter: Float = 0
    /// KL(steered || plain); nil where the plain logits were not computed.
    var divergence: Float?
    /// Time spent on it.
    var seconds = 0.0

    init(sequence: Sequence, stateRow: Int) {
        self.sequence = sequence
        self.stateRow = stateRow
    }

    /// Whether its divergence from the plain distribution is to be measured: its plain logits are there, and its state is a state.
    var isBounded: Bool {
        plainRow != nil && outcome?.isFinite == true && sequence.request.control != nil
    }

    /// What steers the state behind the last norm; nil where nothing does, or it was steered between blocks.
    var finalController: Controller? {
        sequence.request.control.flatMap { $0.site == .finalNorm ? $0 : nil }
    }

    /// The report of the token; nil for a plain request.
    ///
    /// - Throws: ``GenerationError/controlNotFinite(heads:position:)``
    func control(position: Int) throws(GenerationError) -> TokenControl? {
        guard let outcome else { return nil }
        guard outcome.isFinite, valueAfter.isFinite, divergence?.isFinite != false else { throw notFinite(position: position) }
        return TokenControl(
            valueBefore: outcome.valueBefore,
            valueAfter: valueAfter,
            norm: outcome.relativeNorm * scale,
            kl: divergence
        )
    }

    /// Whose fault a number is that is not finite, where the state that the model gave is: control's if it moved that state, else the model's.
    func notFinite(position: Int) -> GenerationError {
        sequence.notFinite(after: outcome, position: position)
    }
}

import Foundation

/// How a network is trained.
public struct TrainingOptions: Sendable, Codable, Equatable {
    /// What values are fitted to.
    public var target = ValueTarget.temporalDifferenceLambda
    /// λ of the λ-return, 0 to 1.
    public var lambda: Float = 0.95
    /// Units of each hidden layer.
    public var hidden = 576
    /// Weight matrices, 2 or 3.
    public var layers = 2
    /// Adam's learning rate at its highest.
    public var learningRate: Float = 1e-3
    /// Weight decay w: the loss, of rewards scaled to deviation 1, has w/2 times the squares of all weights added.
    public var weightDecay: Float = 0.1
    /// Most passes over the data.
    public var epochs = 30
    /// Epochs without a better validation result after which training ends.
    public var patience = 6
    /// Answers, or pairs of answers, in a mini-batch.
    public var batch = 32
    /// The part of the prompts that is held out to validate, above 0 and below 1.
    public var validation = 0.1
    /// How the states are scaled before the first layer; what comes of it is folded into that layer's weights.
    public var scaling = InputScaling.Kind.uniform
    /// Whether the gradient is corrected by ``AdvantageCorrector`` afterwards: the network is then trained with two hidden units fewer, for those that
    /// the correction adds.
    public var correctsAdvantages = false
    /// What everything random comes from.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case target, lambda, hidden, layers, epochs, patience, batch, validation, scaling, seed
        case learningRate = "learning_rate"
        case weightDecay = "weight_decay"
        case correctsAdvantages = "advantages"
    }

    /// Checks every range.
    ///
    /// - Throws: ``TrainingError/badOption(_:expected:)``
    public func validate() throws(TrainingError) {
        func check(_ isGood: Bool, _ name: String, _ expected: String) throws(TrainingError) {
            if !isGood { throw .badOption(name, expected: expected) }
        }
        _ = try NetworkShape(inputs: 1, hidden: hidden, layers: layers)
        try check(!correctsAdvantages || trainedUnits > 0, "hidden", "at least 3 where advantages take two")
        try check((0...1).contains(lambda), "lambda", "a number from 0 to 1")
        try check(learningRate > 0 && learningRate <= 1, "learning-rate", "a number above 0 and at most 1")
        try check(weightDecay >= 0 && weightDecay <= 100, "weight-decay", "a number from 0 to 100")
        try check((1...100_000).contains(epochs), "epochs", "a whole number from 1 to 100000")
        try check((1...100_000).contains(patience), "patience", "a whole number from 1 to 100000")
        try check((1...4096).contains(batch), "batch", "a whole number from 1 to 4096")
        try check(validation > 0 && validation < 1, "validation", "a number above 0 and below 1")
    }

    /// Units of each hidden layer while the network is trained.
    var trainedUnits: Int {
        hidden - (correctsAdvantages ? 2 : 0)
    }

    /// The learning rate of a step: up from 0 over the first twentieth of all steps, then down to 0 along half a cosine (arXiv:1608.03983, without restarts).
    func rate(step: Int, of total: Int) -> Float {
        let warmup = max(total / 20, 1)
        if step < warmup { return learningRate * Float(step + 1) / Float(warmup) }
        let progress = Double(step - warmup) / Double(max(total - warmup, 1))
        return learningRate * Float(0.5 * (1 + cos(.pi * min(progress, 1))))
    }
}

import Compute
import Control
import ModelFiles

/// One vector for every token: the mean of the states of the answers with the highest rewards less that of those with the lowest, as activation
/// addition has it (Turner et al., arXiv:2308.10248; Rimsky et al., arXiv:2312.06681).
public struct StaticEdit: Sendable {
    /// The vector, as long as a state is on average.
    public let direction: [Float]
    /// Where states are moved by it: the rollouts' site.
    public let site: String

    /// Measures labelled rollouts.
    ///
    /// - Parameters:
    ///   - set: the rollouts.
    ///   - part: which part of the answers counts as high, and as low.
    /// - Throws: ``RolloutError``, or ``TrainingError/badData(_:)`` where high and low do not differ.
    public init(set: TrainingSet, part: Double = 0.25) throws {
        let order = set.sequences.sorted { $0.reward < $1.reward }
        let count = max(1, min(order.count / 2, Int(Double(order.count) * part)))
        let width = set.manifest.hiddenSize
        site = set.manifest.site
        let low = try Self.mean(order.prefix(count), width: width)
        let high = try Self.mean(order.suffix(count), width: width)
        let difference = zip(high.mean, low.mean).map { $0 - $1 }
        let length = difference.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else {
            throw TrainingError.badData("answers of high and low reward do not differ in their states; leave 'static' out of --methods")
        }
        let scale = (high.norm + low.norm) / 2 / length
        direction = difference.map { Float($0 * scale) }
    }

    /// What adds `strength` times the vector to every state. It is a value function of one unit that is always on, V(h) = direction · h + b, whose
    /// gradient is the direction, and one step up it.
    ///
    /// - Parameters:
    ///   - strength: the edit's length as a part of a state's.
    ///   - trace: whether divergences are measured.
    /// - Throws: `ModelFileError`, `ValueFunctionError`, `ControlError`.
    public func controller(strength: Float, trace: Bool) throws -> Controller {
        let length = direction.reduce(0) { $0 + $1 * $1 }
        let tensors: [SafetensorsWriter.Tensor] = [
            .init(name: "fc1.weight", shape: [1, direction.count], floats: direction),
            // More than any state can take away.
            .init(name: "fc1.bias", shape: [1], floats: [1000 * length]),
            .init(name: "fc3.weight", shape: [1, 1], floats: [1]),
            .init(name: "fc3.bias", shape: [1], floats: [0]),
        ]
        let bytes = try SafetensorsWriter.encode(tensors: tensors, metadata: ["site": site])
        var settings = ControlSettings()
        settings.steps = 1
        settings.stepSize = strength
        settings.trace = trace
        let head = NamedHead(name: "static", path: nil, valueFunction: try ValueFunction(file: SafetensorsFile(bytes: bytes)))
        return try head.controller(settings: settings, grams: GramCache(byteLimit: 0))
    }

    /// The mean of the states of some answers, and their mean length.
    private static func mean(_ sequences: ArraySlice<TrainingSequence>, width: Int) throws -> (mean: [Double], norm: Double) {
        var (sums, norms, count) = ([Double](repeating: 0, count: width), 0.0, 0)
        for sequence in sequences {
            let states = FloatMatrix(rows: sequence.rows.count, columns: width)
            try sequence.shard.copy(sequence.rows, to: states, at: 0)
            for row in 0..<states.rows {
                states.withRow(row) { state in
                    var square = 0.0
                    for column in 0..<width {
                        sums[column] += Double(state[column])
                        square += Double(state[column]) * Double(state[column])
                    }
                    norms += square.squareRoot()
                }
            }
            count += states.rows
        }
        return (sums.map { $0 / Double(max(count, 1)) }, norms / Double(max(count, 1)))
    }
}

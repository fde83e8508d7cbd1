import Compute
import ModelFiles

/// A network as a value function's file: scaling folded in, F16 where that holds its numbers.
public struct TrainedHead: Sendable {
    /// The sizes.
    public let shape: NetworkShape
    /// Weight and bias of every layer, by tensor name.
    let tensors: [(name: String, shape: [Int], values: [Float])]
    /// Whether some numbers need full precision that lie in one tensor with larger ones.
    private var needsFullPrecision = false

    /// Takes a network's parameters.
    package init(_ parameters: NetworkParameters, scaling: InputScaling) {
        shape = parameters.shape
        var tensors: [(String, [Int], [Float])] = []
        for (index, layer) in parameters.layers.enumerated() {
            var (weight, bias) = (layer.weight.values, layer.bias.values)
            if index == 0 { (weight, bias) = scaling.folded(weight: weight, bias: bias) }
            let name = parameters.shape.names[index]
            tensors.append(("\(name).weight", [layer.weight.rows, layer.weight.columns], weight))
            tensors.append(("\(name).bias", [layer.bias.columns], bias))
        }
        self.tensors = tensors
    }

    private init(shape: NetworkShape, tensors: [(name: String, shape: [Int], values: [Float])]) {
        self.shape = shape
        self.tensors = tensors
    }

    /// The head whose values are (V - mean) / deviation.
    package func normalized(mean: Double, deviation: Double) -> TrainedHead {
        let scale = deviation > 0 ? 1 / deviation : 1
        return TrainedHead(
            shape: shape,
            tensors: tensors.map { name, shape, values in
                switch name {
                case "fc3.weight": (name, shape, values.map { Float(Double($0) * scale) })
                case "fc3.bias": (name, shape, values.map { Float((Double($0) - mean) * scale) })
                default: (name, shape, values)
                }
            }
        )
    }

    /// The head whose values are V(h) + w · (h - m): two hidden units more, of which one is above 0 where w · (h - m) is, and the other elsewhere.
    ///
    /// - Parameters:
    ///   - vector: w, what is added to V's gradient everywhere.
    ///   - center: m, where nothing is added to V.
    package func adding(_ vector: [Double], through center: [Double]) -> TrainedHead {
        let offset = Float(zip(vector, center).reduce(0) { $0 + $1.0 * $1.1 })
        let w = vector.map { Float($0) }
        let (old, hidden) = (shape.hidden, shape.hidden + 2)
        var wider = TrainedHead(
            shape: shape.widened(by: 2),
            tensors: tensors.map { name, shape, values in
                switch name {
                case "fc1.weight": (name, [hidden, shape[1]], values + w + w.map { -$0 })
                case "fc1.bias": (name, [hidden], values + [-offset, offset])
                case "fc2.weight":
                    (name, [hidden, hidden], Self.passing(values, units: old))
                case "fc2.bias": (name, [hidden], values + [0, 0])
                case "fc3.weight": (name, [1, hidden], values + [1, -1])
                default: (name, shape, values)
                }
            }
        )
        wider.needsFullPrecision = !fitsHalfPrecision || !Self.fitsHalfPrecision(w) || !Self.fitsHalfPrecision([offset])
        return wider
    }

    /// Whether all numbers are finite.
    var isFinite: Bool {
        tensors.allSatisfy { $0.values.allSatisfy(\.isFinite) }
    }

    /// The weights of a layer that passes two units more on: they are never below 0.
    private static func passing(_ weights: [Float], units: Int) -> [Float] {
        var wider: [Float] = []
        for row in 0..<units { wider += weights[row * units..<(row + 1) * units] + [0, 0] }
        for unit in 0..<2 { wider += [Float](repeating: 0, count: units) + (unit == 0 ? [1, 0] : [0, 1]) }
        return wider
    }

    /// The bytes of the file.
    ///
    /// - Parameter metadata: what to say about it; the format's own keys are added.
    /// - Throws: `ModelFileError`
    public func encoded(metadata: [String: String]) throws(ModelFileError) -> [UInt8] {
        var metadata = metadata
        metadata["format"] = "rudder.value-function.v1"
        metadata["activation"] = "relu"
        metadata["hidden_size"] = "\(shape.inputs)"
        let fits = fitsHalfPrecision
        return try SafetensorsWriter.encode(
            tensors: tensors.map { tensor in
                guard fits else { return SafetensorsWriter.Tensor(name: tensor.name, shape: tensor.shape, floats: tensor.values) }
                return SafetensorsWriter.Tensor(
                    name: tensor.name,
                    type: .f16,
                    shape: tensor.shape,
                    bytes: tensor.values.flatMap { value in
                        let bits = Float16(value).bitPattern
                        return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
                    }
                )
            },
            metadata: metadata
        )
    }

    /// Whether no tensor has numbers too large for F16, nor only such as are too small for its full precision: rewards may be of any size.
    private var fitsHalfPrecision: Bool {
        !needsFullPrecision && tensors.allSatisfy { Self.fitsHalfPrecision($0.values) }
    }

    private static func fitsHalfPrecision(_ values: [Float]) -> Bool {
        let largest = values.reduce(0) { max($0, abs($1)) }
        return largest <= Float(Float16.greatestFiniteMagnitude) && (largest == 0 || largest >= 64 * Float(Float16.leastNormalMagnitude))
    }
}

import Control
import ModelFiles

/// Heads with random parameters, made through their file format.
struct RandomHead {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func uniform() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) / Float(1 << 23) - 1
    }

    mutating func floats(_ count: Int, scale: Float = 1) -> [Float] {
        (0..<count).map { _ in uniform() * scale }
    }

    /// A head of those layer widths, the hidden size first. The scale and the biases replace the random ones where they are given.
    mutating func head(
        _ widths: [Int],
        weight: Float = 1,
        metadata: [String: String] = [:],
        firstLayerScale: Float = 1,
        firstBias: Float? = nil,
        laterBias: Float? = nil
    ) throws -> WeightedHead {
        let tensors = tensors(widths, firstLayerScale: firstLayerScale, firstBias: firstBias, laterBias: laterBias)
        let file = try SafetensorsFile(bytes: SafetensorsWriter.encode(tensors: tensors, metadata: metadata))
        return WeightedHead(valueFunction: try ValueFunction(file: file), weight: weight, name: "random", version: 1)
    }

    /// The tensors of such a head.
    mutating func tensors(
        _ widths: [Int],
        firstLayerScale: Float = 1,
        firstBias: Float? = nil,
        laterBias: Float? = nil
    ) -> [SafetensorsWriter.Tensor] {
        let shapes = zip(widths, widths.dropFirst() + [1])
        var tensors: [SafetensorsWriter.Tensor] = []
        for (index, (inputs, outputs)) in shapes.enumerated() {
            let number = index + 1 == widths.count ? max(3, widths.count) : index + 1
            let scale = (index == 0 ? firstLayerScale : 1) / Float(inputs).squareRoot()
            let bias = index == 0 ? firstBias : laterBias
            let biases = bias.map { [Float](repeating: $0, count: outputs) } ?? floats(outputs, scale: 0.1)
            tensors.append(.init(name: "fc\(number).weight", shape: [outputs, inputs], floats: floats(outputs * inputs, scale: scale)))
            tensors.append(.init(name: "fc\(number).bias", shape: [outputs], floats: biases))
        }
        return tensors
    }
}

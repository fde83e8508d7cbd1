import Control
import ModelFiles

/// A head for the small golden model.
enum TinyHead {
    static func head(weight: Float = 1, hiddenSize: Int = 64, site: String = "final_norm") throws -> WeightedHead {
        var state: UInt64 = 7
        func floats(_ count: Int) -> [Float] {
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return (Float(state >> 40) / Float(1 << 23) - 1) * 0.2
            }
        }
        let tensors: [SafetensorsWriter.Tensor] = [
            .init(name: "fc1.weight", shape: [48, hiddenSize], floats: floats(48 * hiddenSize)),
            .init(name: "fc1.bias", shape: [48], floats: floats(48)),
            .init(name: "fc3.weight", shape: [1, 48], floats: floats(48)),
            .init(name: "fc3.bias", shape: [1], floats: [0]),
        ]
        let bytes = try SafetensorsWriter.encode(tensors: tensors, metadata: ["site": site])
        return WeightedHead(valueFunction: try ValueFunction(file: SafetensorsFile(bytes: bytes)), weight: weight, name: "tiny", version: 1)
    }
}

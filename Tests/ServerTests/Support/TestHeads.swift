import ModelFiles
import TestSupport

/// Value functions with random weights.
enum TestHeads {
    /// A safetensors file of a head with one hidden layer.
    static func file(width: Int, hidden: Int = 16, seed: UInt64 = 1, scale: Float = 1, metadata: [String: String] = [:]) throws -> [UInt8] {
        var random = RandomNumbers(seed: seed)
        func tensor(_ name: String, _ shape: [Int]) -> SafetensorsWriter.Tensor {
            let count = shape.reduce(1, *)
            return SafetensorsWriter.Tensor(
                name: name,
                shape: shape,
                floats: (0..<count).map { _ in Float(random.next() >> 40) / Float(1 << 24) * scale - scale / 2 }
            )
        }
        return try SafetensorsWriter.encode(
            tensors: [
                tensor("fc1.weight", [hidden, width]), tensor("fc1.bias", [hidden]), tensor("fc3.weight", [1, hidden]),
                tensor("fc3.bias", [1]),
            ],
            metadata: metadata
        )
    }
}

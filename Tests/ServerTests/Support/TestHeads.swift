import ModelFiles

/// Value functions with random weights.
enum TestHeads {
    /// A safetensors file of a head with one hidden layer.
    static func file(width: Int, hidden: Int = 16, seed: UInt64 = 1, metadata: [String: String] = [:]) throws -> [UInt8] {
        var generator = SplitMix(state: seed)
        func tensor(_ name: String, _ shape: [Int]) -> SafetensorsWriter.Tensor {
            let count = shape.reduce(1, *)
            return SafetensorsWriter.Tensor(name: name, shape: shape, floats: (0..<count).map { _ in generator.next() })
        }
        return try SafetensorsWriter.encode(
            tensors: [
                tensor("fc1.weight", [hidden, width]), tensor("fc1.bias", [hidden]), tensor("fc3.weight", [1, hidden]),
                tensor("fc3.bias", [1]),
            ],
            metadata: metadata
        )
    }

    private struct SplitMix {
        var state: UInt64

        /// The next number between -0.5 and 0.5.
        mutating func next() -> Float {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return Float((z ^ (z >> 31)) >> 40) / Float(1 << 24) - 0.5
        }
    }
}

import Compute

/// A hidden state as it is reported and kept: its values, rounded to half precision.
public struct HiddenState: Sendable, Equatable {
    /// The values' bits (IEEE 754 binary16), as many as the model's hidden size.
    public let halves: [UInt16]

    /// Takes values that are halves already.
    public init(halves: [UInt16]) {
        self.halves = halves
    }

    /// Whether half precision could hold every value: none is larger than 65,504.
    var isFinite: Bool {
        halves.allSatisfy { $0 & 0x7c00 != 0x7c00 }
    }

    /// Rounds a row of states, ties to even.
    init(_ states: FloatMatrix, row: Int) {
        halves = [UInt16](unsafeUninitializedCapacity: states.columns) { values, count in
            if let base = values.baseAddress { FloatKernels.convertToHalf(states.pointer(row: row), into: base, count: states.columns) }
            count = states.columns
        }
    }
}

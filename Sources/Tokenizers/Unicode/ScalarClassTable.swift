/// The class of every Unicode scalar: direct for ASCII, by binary search over the runs of one class for the rest.
package struct ScalarClassTable: Sendable {
    private let ascii: [ScalarClass]
    private let boundaries: [UInt32]

    package init() {
        let boundaries = Self.boundaries
        self.boundaries = boundaries
        ascii = (0..<128).map { Self.find($0, boundaries) }
    }

    /// The class of a scalar by its number.
    func scalarClass(_ value: UInt32) -> ScalarClass {
        value < 128 ? ascii[Int(value)] : Self.find(value, boundaries)
    }

    /// The class as its number, for tests: 0 other, 1 letter, 2 number, 3 white space.
    package func classNumber(_ value: UInt32) -> UInt8 {
        scalarClass(value).rawValue
    }

    private static func find(_ value: UInt32, _ boundaries: [UInt32]) -> ScalarClass {
        var (low, high) = (0, boundaries.count)
        while low < high {
            let middle = (low + high) / 2
            if boundaries[middle] >> 2 <= value { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? .other : ScalarClass(rawValue: UInt8(boundaries[low - 1] & 3)) ?? .other
    }
}

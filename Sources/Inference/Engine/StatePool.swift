import Compute

/// Adds up a prompt's states, position after position, so that the sum does not depend on how the prompt was cut.
struct StatePool {
    private var sums: [Double] = []
    /// How many positions' states are in it, the first ones.
    private(set) var count = 0

    /// Takes in rows of states that belong to positions from `start` on; positions that it has are passed over.
    mutating func add(_ states: FloatMatrix, rows: Range<Int>, start: Int) {
        if sums.isEmpty { sums = [Double](repeating: 0, count: states.columns) }
        for (offset, row) in rows.enumerated() where start + offset == count {
            states.withRow(row) { state in
                for index in 0..<state.count { sums[index] += Double(state[index]) }
            }
            count += 1
        }
    }

    /// The mean of the states; nil where there are none.
    var mean: [Float]? {
        count > 0 ? sums.map { Float($0 / Double(count)) } : nil
    }
}

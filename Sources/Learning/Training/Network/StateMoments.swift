import Compute

/// Sums over states, number by number, of the numbers and of their squares.
struct StateMoments {
    var count = 0
    var sums: [Double]
    var squares: [Double]

    init(width: Int) {
        sums = [Double](repeating: 0, count: width)
        squares = sums
    }

    /// Takes in the first rows of states.
    mutating func add(_ states: FloatMatrix, rows: Int) {
        for row in 0..<rows {
            states.withRow(row) { x in
                for column in 0..<x.count {
                    let value = Double(x[column])
                    sums[column] += value
                    squares[column] += value * value
                }
            }
        }
        count += rows
    }
}

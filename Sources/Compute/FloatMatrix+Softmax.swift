import CKernels

extension FloatMatrix {
    /// Turns a row of logits into probabilities: exp(x / temperature), over their sum.
    ///
    /// - Parameters:
    ///   - row: which row.
    ///   - temperature: above 0.
    /// - Returns: whether all logits were finite; if not, the row is as it was.
    package func softmax(row: Int, temperature: Float) -> Bool {
        guard let largest = withRow(row, { FloatKernels.largest($0) }) else { return false }
        let values = pointer(row: row)
        let sum = KernelSet.best.table.exponentials(values, largest.value, 1 / temperature, Int64(columns), values)
        let factor = 1 / sum
        for column in 0..<columns { values[column] *= factor }
        return true
    }
}

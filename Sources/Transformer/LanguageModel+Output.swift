import Compute

extension LanguageModel {
    /// The output matrix W in F32, a row of the hidden size for each token of the vocabulary: logits are W h. A copy of its own, made on each call.
    public func outputMatrix() -> FloatMatrix {
        let output = decoder.output
        let matrix = FloatMatrix(rows: output.rows, columns: output.columns)
        for row in 0..<output.rows { output.dequantize(row: row, into: matrix.pointer(row: row)) }
        return matrix
    }
}

import Compute

/// The table of token embeddings, one row a token.
struct Embedding: Sendable {
    let weight: WeightMatrix

    /// - Parameter output: the name of the output matrix. Where the file has none, the embeddings are that as well.
    init(_ name: String, output: String, _ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) {
        weight = try loader.matrix(
            name,
            rows: configuration.vocabularySize,
            columns: configuration.hiddenSize,
            isMultiplied: !loader.has(output)
        )
    }

    /// An output matrix of its own; nil where the model ties it to the embeddings.
    func untiedOutput(_ name: String, _ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) -> WeightMatrix?
    {
        guard loader.has(name) else { return nil }
        return try loader.matrix(name, rows: configuration.vocabularySize, columns: configuration.hiddenSize)
    }

    /// x[i] = weight[token i], for the pass's tokens
    func forward(into x: FloatMatrix, _ pass: ForwardPass) {
        pass.team.split(pass.count, step: ForwardPass.rowsWorthSharing, Rows(weight: weight, x: x, pass: pass))
    }

    private struct Rows: TeamWork {
        let weight: WeightMatrix
        let x: FloatMatrix
        let pass: ForwardPass

        func run(_ rows: Range<Int>) {
            for row in rows { weight.dequantize(row: pass.token(row: row), into: x.pointer(row: row)) }
        }
    }
}

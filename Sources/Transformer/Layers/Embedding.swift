import Compute

/// The table of token embeddings, one row a token.
struct Embedding: Sendable {
    let weight: WeightMatrix
    /// What embeddings are multiplied by.
    let scale: Float

    /// - Parameters:
    ///   - output: the name of the output matrix. Where the file has none, the embeddings are that as well.
    ///   - scale: what embeddings are multiplied by.
    init(
        _ name: String,
        output: String,
        scale: Float = 1,
        _ configuration: ModelConfiguration,
        _ loader: inout TensorLoader
    ) throws(ModelError) {
        self.scale = scale
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

    /// x[i] = scale · weight[token i], for the pass's tokens
    func forward(into x: FloatMatrix, _ pass: ForwardPass) {
        pass.team.split(pass.count, step: ForwardPass.rowsWorthSharing, Rows(embedding: self, x: x, pass: pass))
    }

    private struct Rows: TeamWork {
        let embedding: Embedding
        let x: FloatMatrix
        let pass: ForwardPass

        func run(_ rows: Range<Int>) {
            for row in rows {
                let values = x.pointer(row: row)
                embedding.weight.dequantize(row: pass.token(row: row), into: values)
                if embedding.scale != 1 { for column in 0..<x.columns { values[column] *= embedding.scale } }
            }
        }
    }
}

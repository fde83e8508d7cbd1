import Compute

/// The scores of sampled tokens: the derivative of a token's log-probability by the hidden state that it was sampled at,
///
///     s = ∂ log p(a|h) / ∂h = (W_a - Σ_b p(b|h) W_b) / τ,   p(·|h) = softmax(W h / τ),
///
/// with W the output matrix and τ the temperature. For one thread at a time.
package final class TokenScores {
    /// At most so many states go through the output matrix at once, enough that reading it costs little, and at most as many as have probabilities of so
    /// many bytes.
    private static let (chunkRows, chunkBytes) = (256, 64 << 20)
    private let chunk: Int
    private let output: FloatMatrix
    private let states: FloatMatrix
    private let means: FloatMatrix
    private let probabilities: FloatMatrix

    /// Makes room.
    ///
    /// - Parameter output: W, a row for each token.
    package init(output: FloatMatrix) {
        self.output = output
        chunk = max(min(Self.chunkRows, Self.chunkBytes / max(output.rows * MemoryLayout<Float>.stride, 1)), 16)
        states = FloatMatrix(rows: chunk, columns: output.columns)
        means = FloatMatrix(rows: chunk, columns: output.columns)
        probabilities = FloatMatrix(rows: chunk, columns: output.rows)
    }

    /// Computes scores.
    ///
    /// - Parameters:
    ///   - hidden: the states, in the first rows.
    ///   - tokens: the token sampled at each, and the temperature at which it was.
    ///   - scores: gets s, a row for each.
    /// - Throws: ``TrainingError/badData(_:)`` for a token that the model does not have, or a state without probabilities.
    package func compute(_ hidden: FloatMatrix, tokens: [(token: Int32, temperature: Float)], into scores: FloatMatrix)
        throws(TrainingError)
    {
        if let (token, _) = tokens.first(where: { $0.token < 0 || $0.token >= output.rows }) {
            throw .badData(
                "a rollout has token \(token), and the model \(output.rows) tokens; --model names the model that the rollouts are of"
            )
        }
        for first in stride(from: 0, to: tokens.count, by: chunk) {
            let count = min(chunk, tokens.count - first)
            for row in 0..<count { states.copyRow(row, from: hidden, row: first + row) }
            DenseProducts.multiply(states, byTransposed: output, rows: count, into: probabilities)
            for row in 0..<count {
                guard probabilities.softmax(row: row, temperature: tokens[first + row].temperature) else {
                    throw .badData("a stored state has no finite logits; \(RolloutError.anew)")
                }
            }
            DenseProducts.multiply(probabilities, by: output, rows: count, into: means)
            for row in 0..<count {
                let (token, temperature) = tokens[first + row]
                scores.copyRow(first + row, from: output, row: Int(token))
                scores.withMutableRow(first + row) { score in
                    means.withRow(row) { mean in
                        for column in 0..<score.count { score[column] = (score[column] - mean[column]) / temperature }
                    }
                }
            }
        }
    }
}

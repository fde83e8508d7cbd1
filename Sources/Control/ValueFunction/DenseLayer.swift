/// One linear layer of a value function: y = weight · x + bias.
struct DenseLayer: Sendable {
    /// The number of outputs.
    let rows: Int
    /// The number of inputs.
    let columns: Int
    /// Row-major, `rows` by `columns`.
    let weight: ParameterMatrix
    /// One for each output.
    let bias: ParameterBuffer
}

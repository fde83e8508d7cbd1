import Compute

/// What a network is trained for: items to learn from, each of some states, and the loss of the values that the network gives them.
protocol TrainingObjective: Sendable {
    /// How many items there are.
    var itemCount: Int { get }

    /// How many states an item has, one at least.
    func stateCount(_ item: Int) -> Int

    /// Writes an item's states into rows of a matrix, the first into `row`.
    func load(_ item: Int, into matrix: FloatMatrix, at row: Int) throws

    /// The loss of an item, summed over its terms, and its derivative by each value.
    func loss(_ item: Int, values: ArraySlice<Float>) -> (loss: Double, terms: Int, derivatives: [Float])

    /// What the values of all items, in order, say about how good the network is.
    func measures(values: [[Float]]) -> TrainingMeasures
}

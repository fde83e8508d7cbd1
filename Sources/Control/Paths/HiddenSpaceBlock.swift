/// One head's part of the stacked hidden space.
struct HiddenSpaceBlock: Sendable {
    /// The number of its first unit in the stack.
    let offset: Int
    /// How many units it has.
    let units: Int
    /// The first layer's weight, row-major, `units` by the hidden size.
    let weight: [Float]
    /// The first layer's bias.
    let bias: [Float]
    /// The last layer's weight, times the head's weight in the sum.
    let slope: [Float]

    init(_ head: WeightedHead, offset: Int) {
        let layers = head.valueFunction.layers
        self.offset = offset
        units = layers[0].rows
        weight = layers[0].weight
        bias = layers[0].bias
        slope = layers[1].weight.map { $0 * head.weight }
    }

    /// One more than the number of its last unit.
    var end: Int {
        offset + units
    }
}

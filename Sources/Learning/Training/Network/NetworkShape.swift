/// The sizes of a value network.
public struct NetworkShape: Sendable, Equatable, Codable {
    /// D: how many numbers a state has.
    public let inputs: Int
    /// H: units of each hidden layer.
    public let hidden: Int
    /// Weight matrices: 2 (fc1, fc3) or 3 (fc1, fc2, fc3).
    public let layers: Int

    /// Describes a network.
    ///
    /// - Throws: ``TrainingError/badOption(_:expected:)``
    public init(inputs: Int, hidden: Int, layers: Int) throws(TrainingError) {
        guard (1...65_536).contains(hidden) else { throw .badOption("hidden", expected: "a whole number from 1 to 65536") }
        guard (2...3).contains(layers) else { throw .badOption("layers", expected: "2 or 3, the weight matrices of a value function") }
        self.inputs = inputs
        self.hidden = hidden
        self.layers = layers
    }

    private init(_ other: NetworkShape, hidden: Int) {
        (inputs, self.hidden, layers) = (other.inputs, hidden, other.layers)
    }

    /// The shape with more units in each hidden layer.
    func widened(by units: Int) -> NetworkShape {
        NetworkShape(self, hidden: hidden + units)
    }

    /// Every layer's outputs and inputs.
    var sizes: [(outputs: Int, inputs: Int)] {
        [(hidden, inputs)] + Array(repeating: (hidden, hidden), count: layers - 2) + [(1, hidden)]
    }

    /// The layers' names in a file.
    var names: [String] {
        layers == 2 ? ["fc1", "fc3"] : ["fc1", "fc2", "fc3"]
    }
}

/// How a row is steered: the head's shape and the number of gradient steps.
package struct BenchmarkControl: Hashable, Codable {
    /// Gradient steps for each token.
    let steps: Int
    /// Units of every hidden layer.
    let hidden: Int
    /// Weight matrices: 2 for fc1 and fc3.
    let layers: Int

    /// The rows that run by default: RE-Control's own width, one four times as wide, and one a layer deeper.
    static let all: [BenchmarkControl] = [(576, 2), (2304, 2), (576, 3)].flatMap { hidden, layers in
        [0, 30, 100].map { BenchmarkControl(steps: $0, hidden: hidden, layers: layers) }
    }

    /// For people: `30 steps, 576 units, 2 layers`.
    var text: String {
        "\(steps) steps, \(hidden) units, \(layers) layers"
    }
}

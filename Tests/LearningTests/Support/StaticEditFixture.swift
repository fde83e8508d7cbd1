import Control
import Learning
import ModelFiles

/// A value function of one unit that is always on: it moves every state along one direction.
enum StaticEditFixture {
    static func direction(width: Int) -> [Float] {
        (0..<width).map { Float($0 % 5) / 4 - 0.5 }
    }

    static func controller(width: Int, strength: Float) throws -> Controller {
        let bytes = try SafetensorsWriter.encode(tensors: [
            .init(name: "fc1.weight", shape: [1, width], floats: direction(width: width)),
            .init(name: "fc1.bias", shape: [1], floats: [1000]),
            .init(name: "fc3.weight", shape: [1, 1], floats: [1]),
            .init(name: "fc3.bias", shape: [1], floats: [0]),
        ])
        var settings = ControlSettings()
        settings.steps = 1
        settings.stepSize = strength
        return try NamedHead(name: "direction", path: nil, valueFunction: ValueFunction(file: SafetensorsFile(bytes: bytes)))
            .controller(settings: settings, grams: GramCache())
    }
}

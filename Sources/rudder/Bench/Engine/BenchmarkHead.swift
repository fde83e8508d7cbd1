import Control
import ModelFiles

/// Value functions with random parameters in half precision, the same in every run: they cost what trained ones cost.
///
/// Parameters are drawn as PyTorch draws a new linear layer's, uniformly between ±1/√inputs. Thirty steps of size 1 then move a state of
/// SmolLM2 by about a tenth of its length, and flip a few units' signs a step, as heads do that were trained.
enum BenchmarkHead {
    /// A controller for states of that width.
    ///
    /// - Throws: ``ControlError``, or what the file format refuses.
    static func controller(_ control: BenchmarkControl, hiddenSize: Int, grams: GramCache) throws -> Controller {
        let bytes = try SafetensorsWriter.encode(tensors: tensors(control, hiddenSize: hiddenSize), metadata: [:])
        let function = try ValueFunction(file: SafetensorsFile(bytes: bytes))
        var settings = ControlSettings()
        settings.steps = control.steps
        let head = WeightedHead(valueFunction: function, weight: 1, name: "random", version: 1)
        return try Controller(heads: [head], settings: settings, grams: grams)
    }

    private static func tensors(_ control: BenchmarkControl, hiddenSize: Int) -> [SafetensorsWriter.Tensor] {
        var numbers = RandomNumbers(seed: 2406_05954)
        let widths = [hiddenSize] + [Int](repeating: control.hidden, count: control.layers - 1) + [1]
        return zip(widths, widths.dropFirst()).enumerated().flatMap { index, shape in
            let number = index == control.layers - 1 ? max(control.layers, 3) : index + 1
            let bound = 1 / Float(shape.0).squareRoot()
            return [
                SafetensorsWriter.Tensor(
                    name: "fc\(number).weight",
                    type: .f16,
                    shape: [shape.1, shape.0],
                    bytes: numbers.floats(shape.0 * shape.1, within: bound)
                        .flatMap { withUnsafeBytes(of: Float16($0).bitPattern.littleEndian, Array.init) }
                ),
                SafetensorsWriter.Tensor(name: "fc\(number).bias", shape: [shape.1], floats: numbers.floats(shape.1, within: bound)),
            ]
        }
    }
}

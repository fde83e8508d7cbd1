import Compute
import Foundation
import Learning
import ModelFiles
import TestSupport
import Testing

@Suite("Correcting a value function's gradient")
struct AdvantageCorrectorTests {
    private let directory: TemporaryDirectory
    private let rollouts: ConfoundedRollouts

    init() throws {
        directory = try TemporaryDirectory()
        rollouts = try ConfoundedRollouts(path: directory.url.path + "/rollouts", prompts: 150, samples: 8, length: 5)
    }

    private func options(layers: Int = 2) -> TrainingOptions {
        var options = TrainingOptions()
        (options.target, options.hidden, options.layers, options.epochs, options.learningRate) = (.monteCarlo, 10, layers, 6, 0.01)
        options.correctsAdvantages = true
        return options
    }

    private var set: TrainingSet {
        get throws { try TrainingSet(folders: [rollouts.folder]) }
    }

    private func trained(_ options: TrainingOptions) throws -> TrainingResult {
        try ValueTrainer(set: try set, options: options, threads: 2).run()
    }

    /// V, computed from the head's file.
    private func function(_ head: TrainedHead) throws -> ([Float]) -> Double {
        let file = try SafetensorsFile(bytes: try head.encoded(metadata: [:]))
        let weights = try (head.shape.layers == 2 ? ["fc1", "fc3"] : ["fc1", "fc2", "fc3"]).map {
            (try file.floats("\($0).weight"), try file.floats("\($0).bias"))
        }
        return { state in
            var x = state
            for (index, (weight, bias)) in weights.enumerated() {
                x = bias.indices.map { row in
                    let sum = x.indices.reduce(bias[row]) { $0 + weight[row * x.count + $1] * x[$1] }
                    return index + 1 < weights.count ? max(sum, 0) : sum
                }
            }
            return Double(x[0])
        }
    }

    /// What moving a state a little along the mean of V's gradient does to what the next token is worth, for each unit of the move's length.
    private func benefit(_ head: TrainedHead) throws -> Double {
        let value = try function(head)
        var state = [Float](repeating: 0.1, count: ConfoundedRollouts.width)
        let gradient = state.indices.map { column in
            var (above, below) = (state, state)
            above[column] += 0.25
            below[column] -= 0.25
            return value(above) - value(below)
        }
        let length = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let worth = { (state: [Float]) in zip(rollouts.probabilities(state), rollouts.worth).reduce(0) { $0 + $1.0 * $1.1 } }
        let before = worth(state)
        for column in state.indices { state[column] += Float(gradient[column] / length) * 0.5 }
        return (worth(state) - before) / 0.5
    }

    @Test(
        "a move along the corrected gradient makes better tokens likelier, where V alone goes for what only goes along",
        arguments: [2, 3]
    )
    func corrects(layers: Int) throws {
        let result = try trained(options(layers: layers))
        #expect(result.head.shape.hidden == 8)
        let corrected = try AdvantageCorrector(set: set, threads: 2).run(result, output: rollouts.output)
        #expect(corrected.head.shape.hidden == 10 && corrected.head.shape.layers == layers)
        let (before, after) = (try benefit(result.head), try benefit(corrected.head))
        #expect(after > 2 * before && after > 0.1, "\(before) before, \(after) after")
        let gains = try ["advantage_gain_before", "advantage_gain"].map { try #require(corrected.metadata[$0].flatMap(Double.init)) }
        #expect(gains[1] > 1.5 * gains[0] && gains[1] > 0)
        #expect(corrected.metadata["explained_variance"] != result.metadata["explained_variance"])
        #expect(corrected.reports == result.reports)
        // What was added to V is w · (h - m): the same difference everywhere along the same way.
        let (old, new) = (try function(result.head), try function(corrected.head))
        let added = { (state: [Float]) in new(state) - old(state) }
        let (a, b) = ([Float](repeating: 2, count: 6), [-1, 0.5, 3, -2, 0, 1] as [Float])
        let sum = added(a) + added(b) - added([Float](repeating: 0, count: 6))
        #expect(abs(added(zip(a, b).map { $0 + $1 }) - sum) < 0.02 && abs(added(a) - added(b)) > 0.1)
    }

    /// Corrects a head, and is interrupted after twenty batches.
    private func interrupt(_ result: TrainingResult, checkpoint: String) throws {
        var asked = 0
        #expect(throws: CancellationError.self) {
            try AdvantageCorrector(set: set, threads: 2, checkpointPath: checkpoint).run(
                result,
                output: rollouts.output,
                isCancelled: {
                    asked += 1
                    return asked > 20
                }
            )
        }
    }

    @Test("neither the number of threads nor an interruption changes a bit of the head")
    func resumes() throws {
        let result = try trained(options())
        let whole = try AdvantageCorrector(set: set, threads: 1).run(result, output: rollouts.output)
        let path = directory.url.path + "/advantages.safetensors"
        var computed = 0
        // Batches of 32 of the 1080 answers trained on, in five folds of 216: seven each.
        try interrupt(result, checkpoint: path)
        let resumed = try AdvantageCorrector(set: set, threads: 2, checkpointPath: path).run(
            result,
            output: rollouts.output,
            isCancelled: {
                computed += 1
                return false
            }
        )
        #expect(computed == 35 - 20, "the batches that were left")
        #expect(try resumed.head.encoded(metadata: resumed.metadata) == whole.head.encoded(metadata: whole.metadata))
    }

    @Test("sums of another head, and a damaged file of them, are passed over")
    func otherSums() throws {
        let path = directory.url.path + "/advantages.safetensors"
        let first = try trained(options())
        try interrupt(first, checkpoint: path)
        let second = try trained(options(layers: 3))
        let fresh = try AdvantageCorrector(set: set, threads: 2).run(second, output: rollouts.output).head.encoded(metadata: [:])
        let other = try AdvantageCorrector(set: set, threads: 2, checkpointPath: path).run(second, output: rollouts.output)
        #expect(try other.head.encoded(metadata: [:]) == fresh)
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: path))
        let again = try AdvantageCorrector(set: set, threads: 2, checkpointPath: path).run(second, output: rollouts.output)
        #expect(try again.head.encoded(metadata: [:]) == fresh)
    }

    @Test("rollouts whose sampling left tokens out, and a model of another size, are refused")
    func refuses() throws {
        for (temperature, topP) in [(Float(0), Float(1)), (1, 0.9)] {
            let path = directory.url.path + "/\(temperature)-\(topP)"
            let other = try ConfoundedRollouts(path: path, prompts: 4, samples: 2, length: 2, temperature: temperature, topP: topP)
            #expect(throws: TrainingError.self) {
                try AdvantageCorrector(set: TrainingSet(folders: [rollouts.folder, other.folder]), threads: 1)
            }
        }
        let manifest = rollouts.folder.path + "/rollouts.json"
        let text = try String(contentsOfFile: manifest, encoding: .utf8)
        try text.replacingOccurrences(of: "final_norm", with: "layer.3").write(toFile: manifest, atomically: true, encoding: .utf8)
        let error = #expect(throws: TrainingError.self) { try AdvantageCorrector(set: set, threads: 1) }
        #expect("\(try #require(error))".contains("layer.3"))
        try text.write(toFile: manifest, atomically: true, encoding: .utf8)
        var few = options()
        few.hidden = 2
        #expect(throws: TrainingError.self) { try few.validate() }
        let result = try trained(options())
        let corrected = try AdvantageCorrector(set: set, threads: 1).run(result, output: rollouts.output)
        #expect(throws: TrainingError.self, "a head is corrected once") {
            try AdvantageCorrector(set: set, threads: 1).run(corrected, output: rollouts.output)
        }
        #expect(throws: TrainingError.self) {
            try AdvantageCorrector(set: set, threads: 1).run(result, output: FloatMatrix(rows: 8, columns: 7))
        }
        // A model of fewer tokens than the rollouts have.
        #expect(throws: TrainingError.self) {
            try AdvantageCorrector(set: set, threads: 1).run(result, output: FloatMatrix(rows: 2, columns: ConfoundedRollouts.width))
        }
    }

    @Test("the record of a training has what was tried, and the head's metadata what came of it")
    func records() throws {
        let folder = directory.url.path + "/out"
        let corrected = try AdvantageCorrector(set: set, threads: 2).run(try trained(options()), output: rollouts.output)
        try corrected.write(folder: folder, name: "made-up")
        let record =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: folder + "/training.json"))) as? [String: Any]
        #expect((record?["advantages"] as? [[String: Any]])?.count ?? 0 > 5)
        #expect(try SafetensorsFile(path: folder + "/made-up.safetensors").metadata["advantage_ridge"] != nil)
        #expect(try SafetensorsFile(path: folder + "/made-up.safetensors").tensors["fc1.weight"]?.type == .f16)
    }

    @Test("numbers that half precision does not hold are in single precision, whatever larger ones lie beside them")
    func precision() throws {
        let parameters = NetworkParameters(shape: try NetworkShape(inputs: 4, hidden: 6, layers: 2))
        parameters.randomize(seed: 1)
        let head = TrainedHead(parameters, scaling: InputScaling(width: 4))
        let zeros = [Double](repeating: 0, count: 4)
        func type(_ head: TrainedHead) throws -> SafetensorsType? {
            try SafetensorsFile(bytes: try head.encoded(metadata: [:])).tensors["fc1.weight"]?.type
        }
        let added = [0.1, -0.2, 0.3, 0.1]
        #expect(try type(head) == .f16 && type(head.adding(added, through: zeros)) == .f16)
        // A correction that is small beside the first layer, and a last layer that is small beside the correction's weights of 1.
        #expect(try type(head.adding(added.map { $0 * 1e-5 }, through: zeros)) == .f32)
        #expect(try type(head.normalized(mean: -1e5, deviation: 1e5).adding(added, through: zeros)) == .f32)
    }
}

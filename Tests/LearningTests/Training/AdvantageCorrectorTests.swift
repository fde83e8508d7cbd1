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

    /// What moving a state a little along the mean of V's gradient does to what the next token is worth, for each unit of the move's length.
    private func benefit(_ head: TrainedHead) throws -> Double {
        let file = try SafetensorsFile(bytes: try head.encoded(metadata: [:]))
        let layers = head.shape.layers == 2 ? ["fc1", "fc3"] : ["fc1", "fc2", "fc3"]
        let weights = try layers.map { (try file.floats("\($0).weight"), try file.floats("\($0).bias")) }
        func value(_ state: [Float]) -> Double {
            var x = state
            for (index, (weight, bias)) in weights.enumerated() {
                x = bias.indices.map { row in
                    let sum = x.indices.reduce(bias[row]) { $0 + weight[row * x.count + $1] * x[$1] }
                    return index + 1 < weights.count ? max(sum, 0) : sum
                }
            }
            return Double(x[0])
        }
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

    @Test("a move along the corrected gradient makes better tokens likelier, where V alone goes for what moves nothing", arguments: [2, 3])
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
    }

    @Test("neither the number of threads nor an interruption changes a bit of the head")
    func resumes() throws {
        let result = try trained(options())
        let whole = try AdvantageCorrector(set: set, threads: 1).run(result, output: rollouts.output)
        let path = directory.url.path + "/advantages.safetensors"
        var (asked, computed) = (0, 0)
        // Batches of 32 of some 1080 answers, in five folds: what was summed up is kept after batches 16 and 32.
        let count = { (limit: Int) in
            asked += 1
            return asked > limit
        }
        #expect(throws: CancellationError.self) {
            try AdvantageCorrector(set: set, threads: 2, checkpointPath: path)
                .run(result, output: rollouts.output, isCancelled: { count(20) })
        }
        let resumed = try AdvantageCorrector(set: set, threads: 2, checkpointPath: path).run(
            result,
            output: rollouts.output,
            isCancelled: {
                computed += 1
                return false
            }
        )
        #expect(computed > 0 && computed < 37 - 15, "\(computed) batches were computed again")
        #expect(try resumed.head.encoded(metadata: resumed.metadata) == whole.head.encoded(metadata: whole.metadata))
    }

    @Test("sums of another head, and a damaged file of them, are passed over")
    func otherSums() throws {
        let path = directory.url.path + "/advantages.safetensors"
        var asked = 0
        let first = try trained(options())
        #expect(throws: CancellationError.self) {
            try AdvantageCorrector(set: set, threads: 2, checkpointPath: path).run(
                first,
                output: rollouts.output,
                isCancelled: {
                    asked += 1
                    return asked > 20
                }
            )
        }
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
        let result = try trained(options())
        #expect(throws: TrainingError.self) {
            try AdvantageCorrector(set: set, threads: 1).run(result, output: FloatMatrix(rows: 8, columns: 7))
        }
        // A model of fewer tokens than the rollouts have.
        #expect(throws: TrainingError.self) {
            try AdvantageCorrector(set: set, threads: 1).run(result, output: FloatMatrix(rows: 2, columns: ConfoundedRollouts.width))
        }
    }
}

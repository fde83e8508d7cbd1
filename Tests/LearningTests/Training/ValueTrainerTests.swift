import Compute
import Control
import Foundation
import Learning
import ModelFiles
import Synchronization
import TestSupport
import Testing

@Suite("Training value functions")
struct ValueTrainerTests {
    private let directory: TemporaryDirectory
    private let rollouts: SyntheticRollouts

    init() throws {
        directory = try TemporaryDirectory()
        rollouts = try SyntheticRollouts(path: directory.url.path + "/rollouts", prompts: 60, samples: 4, length: 6)
    }

    private func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
        var options = TrainingOptions()
        options.hidden = 24
        options.epochs = 25
        options.patience = 25
        options.weightDecay = 0.01
        options.learningRate = 0.01
        options.validation = 0.2
        change(&options)
        return options
    }

    private func trainer(_ options: TrainingOptions, threads: Int = 2, checkpoint: String? = nil) throws -> ValueTrainer {
        ValueTrainer(set: try TrainingSet(folders: [rollouts.folder]), options: options, threads: threads, checkpointPath: checkpoint)
    }

    /// V of states, by the code that steers.
    private func values(_ head: [UInt8], _ states: [[Float]]) throws -> [Float] {
        let function = try ValueFunction(file: SafetensorsFile(bytes: head))
        let controller = try Controller(
            heads: [WeightedHead(valueFunction: function, weight: 1, name: "trained", version: 1)],
            settings: ControlSettings(),
            grams: GramCache()
        )
        let (matrix, workspace) = (FloatMatrix(rows: states.count, columns: rollouts.width), ControlWorkspace())
        return states.indices.map { row in
            matrix.setRow(row, to: states[row])
            return controller.value(matrix, row: row, workspace: workspace)
        }
    }

    @Test("every target learns rewards that the states tell", arguments: ValueTarget.allCases, [2, 3])
    func learns(target: ValueTarget, layers: Int) throws {
        let result = try trainer(options { ($0.target, $0.layers, $0.epochs, $0.patience) = (target, layers, 40, 40) }).run()
        let best = result.reports[result.bestEpoch - 1]
        #expect((best.measures["explained_variance"] ?? 0) > 0.8)
        #expect((best.measures["spearman_100"] ?? 0) > 0.9 && (best.measures["spearman_25"] ?? 0) > 0.9)
        #expect(best.trainingLoss < result.reports[0].trainingLoss)
    }

    @Test("the file's values are those that training measured, whatever the scaling", arguments: InputScaling.Kind.allCases)
    func files(scaling: InputScaling.Kind) throws {
        let result = try trainer(options { ($0.scaling, $0.target, $0.epochs) = (scaling, .monteCarlo, 40) }).run()
        let head = try result.head.encoded(metadata: result.metadata)
        var (predictions, rewards) = ([Double](), [Double]())
        for answer in rollouts.answers {
            predictions += try values(head, answer.states).map(Double.init)
            rewards += Array(repeating: answer.reward, count: answer.states.count)
        }
        // Over all answers, most of which were trained on: no less than over those held out.
        let best = result.reports[result.bestEpoch - 1].measures["explained_variance"] ?? 1
        let explained = ExplainedVariance(outcomes: rewards, predictions: predictions, groups: rewards.map { _ in 0 })
        #expect(best > 0.5 && explained.whole > best - 0.1)
    }

    @Test("a head's file says what it is, and what it was trained on")
    func metadata() throws {
        let result = try trainer(options { $0.epochs = 2 }).run()
        let file = try SafetensorsFile(bytes: try result.head.encoded(metadata: result.metadata))
        #expect(file.metadata["format"] == "rudder.value-function.v1" && file.metadata["site"] == "final_norm")
        #expect(file.metadata["model_sha256"] == "abc" && file.metadata["reward"] == "made up" && file.metadata["hidden_size"] == "12")
        #expect(file.metadata["target"] == "td-lambda" && file.metadata["lambda"] == "0.95" && file.metadata["explained_variance"] != nil)
        #expect(file.tensors.values.allSatisfy { $0.type == .f16 })
        #expect(file.tensors["fc1.weight"]?.shape == [24, 12] && file.tensors["fc3.weight"]?.shape == [1, 24])
    }

    @Test("neither the number of threads nor a second run changes a bit")
    func deterministic() throws {
        let options = options { $0.epochs = 3 }
        let heads = try [1, 2, 2].map { try trainer(options, threads: $0).run().head.encoded(metadata: [:]) }
        #expect(heads[0] == heads[1] && heads[1] == heads[2])
        let other = try trainer(self.options { ($0.epochs, $0.seed) = (3, 1) }).run().head.encoded(metadata: [:])
        #expect(other != heads[0])
    }

    @Test("a run that was interrupted goes on after its last whole epoch, to the same head")
    func resumes() throws {
        let options = options { $0.epochs = 6 }
        let whole = try trainer(options).run()
        let checkpoint = directory.url.path + "/checkpoint.safetensors"
        var epochs = 0
        #expect(throws: CancellationError.self) {
            try trainer(options, checkpoint: checkpoint).run(isCancelled: { epochs == 3 }, report: { _ in epochs += 1 })
        }
        var batches = 0
        let resumed = try trainer(options, checkpoint: checkpoint).run(progress: { _, _ in batches += 1 })
        #expect(batches == 3 * 6, "three epochs of six batches were left")
        #expect(resumed.reports == whole.reports)
        #expect(try resumed.head.encoded(metadata: [:]) == whole.head.encoded(metadata: [:]))
    }

    @Test("a checkpoint of other options, and one that is damaged, are passed over")
    func otherCheckpoint() throws {
        let checkpoint = directory.url.path + "/checkpoint.safetensors"
        _ = try trainer(options { $0.epochs = 2 }, checkpoint: checkpoint).run()
        var batches = 0
        _ = try trainer(options { ($0.epochs, $0.hidden) = (2, 8) }, checkpoint: checkpoint).run(progress: { _, _ in batches += 1 })
        #expect(batches == 12)
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: checkpoint))
        batches = 0
        _ = try trainer(options { $0.epochs = 2 }, checkpoint: checkpoint).run(progress: { _, _ in batches += 1 })
        #expect(batches == 12)
    }

    @Test("training ends when it gets no better")
    func stopsEarly() throws {
        let result = try trainer(options { ($0.epochs, $0.patience, $0.learningRate) = (500, 3, 0.05) }).run()
        #expect(result.reports.count < 500 && result.reports.count == result.bestEpoch + 3)
    }

    /// Gives every answer another reward.
    private func relabel(_ reward: (Double) -> Double) throws {
        var lines = "{\"source\":\"made up\"}\n"
        for (index, answer) in rollouts.answers.enumerated() { lines += "{\"index\":\(index),\"reward\":\(reward(answer.reward))}\n" }
        try Data(lines.utf8).write(to: URL(fileURLWithPath: rollouts.folder.rewardsPath))
    }

    @Test("rewards that are all the same, or beyond single precision, are errors that say so")
    func badRewards() throws {
        try relabel { _ in 3 }
        let same = #expect(throws: TrainingError.self) { try trainer(options()).run() }
        #expect("\(try #require(same))".contains("same reward"))
        try relabel { $0 * 1e300 }
        let large = #expect(throws: TrainingError.self) { try trainer(options()).run() }
        #expect("\(try #require(large))".contains("too large"))
    }

    @Test("held-out answers of one reward cannot choose among epochs: that is an error, not the first epoch's network")
    func sparseRewards() throws {
        try relabel { $0 == rollouts.answers[0].reward ? 1 : 0 }
        let options = options { $0.validation = 0.1 }
        let errors = try (0..<4).compactMap { seed -> String? in
            do {
                _ = try trainer(self.options { ($0.validation, $0.seed, $0.epochs) = (options.validation, UInt64(seed), 1) }).run()
                return nil
            } catch let error as TrainingError { return error.description }
        }
        #expect(errors.count >= 3 && errors.allSatisfy { $0.contains("same reward") })
    }

    @Test("values are in the unit of the rewards, however large or small that is; half precision is for what it holds")
    func units() throws {
        let options = options { $0.epochs = 40 }
        let (states, range) = (rollouts.answers.flatMap(\.states), Float(2))
        let plain = try values(trainer(options).run().head.encoded(metadata: [:]), states)
        for (unit, shift, type) in [(1e7, 3e7, SafetensorsType.f32), (1e-7, 0, .f32), (30, 100, .f16)] {
            try relabel { $0 * unit + shift }
            let head = try trainer(options).run().head.encoded(metadata: [:])
            #expect(try SafetensorsFile(bytes: head).tensors.values.allSatisfy { $0.type == type })
            for (value, expected) in zip(try values(head, states), plain) {
                #expect(abs((value - Float(shift)) / Float(unit) - expected) < 0.02 * range)
            }
        }
    }

    @Test("a loss that leaves the finite numbers is an error that says so")
    func diverges() throws {
        let rows = rollouts.answers.reduce(0) { $0 + $1.states.count }
        let notANumber = withUnsafeBytes(of: Float16.nan.bitPattern.littleEndian, Array.init)
        try SafetensorsWriter.write(
            tensors: [
                .init(
                    name: "states",
                    type: .f16,
                    shape: [rows, rollouts.width],
                    bytes: (0..<rows * rollouts.width).flatMap { _ in notANumber }
                )
            ],
            to: rollouts.folder.shardPath(0)
        )
        #expect(throws: TrainingError.diverged(epoch: 1)) { try trainer(options { $0.scaling = .none }).run() }
    }

    @Test("rollouts without a reward, of another model, or without their states are errors that say so")
    func badData() throws {
        let path = directory.url.path + "/other"
        let other = try SyntheticRollouts(path: path, prompts: 2, samples: 2, length: 3, width: 8)
        #expect(throws: TrainingError.self) { try TrainingSet(folders: [rollouts.folder, other.folder]) }
        try Data("{\"source\":\"made up\"}\n{\"index\":0,\"reward\":1}\n".utf8).write(to: URL(fileURLWithPath: other.folder.rewardsPath))
        let missing = #expect(throws: TrainingError.self) { try TrainingSet(folders: [other.folder]) }
        #expect("\(try #require(missing))".contains("4 rollouts but 1 rewards"))
        try FileManager.default.removeItem(atPath: rollouts.folder.shardPath(0))
        #expect(throws: RolloutError.self) { try TrainingSet(folders: [rollouts.folder]) }
        #expect(throws: RolloutError.self) { try TrainingSet(folders: [RolloutFolder(path: directory.url.path)]) }
    }

    @Test("answers to one prompt are on one side of the split, whatever the prompt is called")
    func split() throws {
        var groups = PromptGroups()
        let items = (0..<200).map { groups.number(of: Prompt(id: "name \($0)", text: "prompt \($0 % 20)")) }
        #expect(Set(items) == Set(0..<20))
        let (training, validation) = PromptGroups.split(items, by: { $0 }, validation: 0.25, seed: 3)
        #expect(training.count == 150 && validation.count == 50 && Set(training).isDisjoint(with: validation))
        let other = PromptGroups.split(items, by: { $0 }, validation: 0.25, seed: 4).validation
        #expect(Set(other) != Set(validation), "another seed holds others out")
    }

    @Test("options out of range are refused by name")
    func badOptions() {
        func name(_ change: (inout TrainingOptions) -> Void) -> String? {
            var options = TrainingOptions()
            change(&options)
            do throws(TrainingError) {
                try options.validate()
                return nil
            } catch {
                if case .badOption(let name, _) = error { return name }
                return "?"
            }
        }
        #expect(name { _ in } == nil)
        #expect(name { $0.lambda = 1.5 } == "lambda" && name { $0.hidden = 0 } == "hidden" && name { $0.layers = 4 } == "layers")
        #expect(name { $0.learningRate = .nan } == "learning-rate" && name { $0.validation = 1 } == "validation")
        #expect(name { $0.batch = 0 } == "batch" && name { $0.epochs = 0 } == "epochs" && name { $0.weightDecay = -1 } == "weight-decay")
    }

    @Test("the picture of a training shows its curves")
    func picture() throws {
        let result = try trainer(options { $0.epochs = 3 }).run()
        let folder = directory.url.path + "/out"
        try result.write(folder: folder, name: "made-up")
        let svg = try String(contentsOfFile: folder + "/training.svg", encoding: .utf8)
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n") && svg.contains("validation loss") && svg.contains("<polyline"))
        let record =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: folder + "/training.json"))) as? [String: Any]
        #expect((record?["epochs"] as? [Any])?.count == 3)
        _ = try ValueFunction(file: SafetensorsFile(path: folder + "/made-up.safetensors"))
    }
}

import Foundation
import Inference
import Learning
import ModelFiles
import TestSupport
import Testing

@Suite("Collecting rollouts", .enabled(if: LearningModels.isThere, "needs ../shared/golden/models"))
struct RolloutCollectorTests {
    private let directory: TemporaryDirectory
    private let models: LearningModels

    init() throws {
        directory = try TemporaryDirectory()
        models = try LearningModels()
    }

    private func options(_ change: (inout RolloutOptions) -> Void = { _ in }) -> RolloutOptions {
        var options = RolloutOptions()
        options.samples = 3
        options.maximumTokens = 9
        options.isRaw = true
        change(&options)
        return options
    }

    private func folder(_ name: String) -> RolloutFolder {
        RolloutFolder(path: directory.url.path + "/" + name)
    }

    private func collect(_ folder: RolloutFolder, _ options: RolloutOptions, prompts: Int = 7) async throws {
        try await RolloutCollector(generator: models.generator, options: options, shardRollouts: 4)
            .run(into: folder, prompts: LearningModels.prompts(prompts), modelSHA256: models.modelSHA256)
    }

    private func rollouts(_ folder: RolloutFolder) throws -> [Rollout] {
        var rollouts: [Rollout] = []
        try folder.forEachRollout { rollouts.append($0) }
        return rollouts
    }

    /// All files of a folder by name.
    private func files(_ folder: RolloutFolder) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            files[name] = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + name))
        }
        return files
    }

    @Test("every prompt gets its samples, of different seeds, and every token has its state")
    func collects() async throws {
        let folder = folder("r")
        try await collect(folder, options())
        let found = try rollouts(folder)
        #expect(found.count == 21 && found.map(\.index) == Array(0..<21))
        #expect(found.map(\.prompt.id) == (0..<21).map { "p\($0 / 3)" } && found.map(\.sample) == (0..<21).map { $0 % 3 })
        #expect(Set(found.map(\.seed)).count == 21 && Set(found.map(\.response)).count > 15)
        for shard in 0..<6 {
            let mine = found.filter { $0.shard == shard }
            let states = try SafetensorsFile(path: folder.shardPath(shard)).tensor("states")
            #expect(states.type == .f16 && states.shape == [mine.reduce(0) { $0 + $1.tokens.count }, 64])
            var row = 0
            for rollout in mine {
                #expect(rollout.row == row && !rollout.tokens.isEmpty && rollout.tokens.count <= 9)
                row += rollout.tokens.count
            }
        }
    }

    @Test("a state is the one that its token was sampled from: reading prompt and tokens gives it again")
    func states() async throws {
        let folder = folder("r")
        try await collect(folder, options(), prompts: 1)
        let rollout = try rollouts(folder)[0]
        let kept = try SafetensorsFile(path: folder.shardPath(0)).floats("states")
        let prompt = try PromptEncoder(model: models.generator.model, isRaw: true).tokens(of: rollout.prompt)
        for place in rollout.tokens.indices {
            var request = GenerationRequest(prompt: prompt + rollout.tokens[..<place], maximumTokens: 0)
            request.reportsStates = true
            let state = try #require(try await models.generator.answer(request).promptState)
            #expect(
                state.halves.map { Float(Float16(bitPattern: $0)) }
                    == Array(kept[(rollout.row + place) * 64..<(rollout.row + place + 1) * 64])
            )
        }
    }

    @Test("a run that was interrupted goes on to the very same files")
    func resumes() async throws {
        let (whole, cut) = (folder("whole"), folder("cut"))
        try await collect(whole, options())
        let collector = RolloutCollector(generator: models.generator, options: options(), shardRollouts: 4)
        let (path, prompts, digest) = (cut, LearningModels.prompts(7), models.modelSHA256)
        let task = Task {
            try await collector.run(into: path, prompts: prompts, modelSHA256: digest) { done, _, _ in
                if done == 8 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        let kept = try rollouts(cut).count
        #expect((8..<21).contains(kept))
        try await collect(cut, options())
        #expect(try rollouts(cut).map(\.tokens) == rollouts(whole).map(\.tokens))
    }

    @Test("whatever a crash leaves, the next run mends it: a cut line, lines without their states, states without their lines")
    func crashes() async throws {
        let (whole, damaged) = (folder("whole"), folder("damaged"))
        try await collect(whole, options())
        let expected = try files(whole)
        let lines = try #require(expected["rollouts.jsonl"])
        func restore() throws {
            try? FileManager.default.removeItem(atPath: damaged.path)
            try FileManager.default.copyItem(atPath: whole.path, toPath: damaged.path)
        }
        // Lines end with their shards, so each cut is made good from the shard's beginning.
        let ends = lines.indices.filter { lines[$0] == 0x0A }.map { $0 + 1 }
        for length in [ends[7], ends[7] + 20, ends[19], 0] {
            try restore()
            try lines.prefix(length).write(to: URL(fileURLWithPath: damaged.rolloutsPath))
            try await collect(damaged, options())
            #expect(try rollouts(damaged).map(\.tokens) == rollouts(whole).map(\.tokens))
        }
        try restore()
        try FileManager.default.removeItem(atPath: damaged.shardPath(2))
        try await collect(damaged, options())
        #expect(try files(damaged) == expected)
    }

    @Test("a folder of other settings is left alone, and the setting named")
    func otherSettings() async throws {
        let folder = folder("r")
        try await collect(folder, options(), prompts: 2)
        let before = try files(folder)
        for (change, name) in [
            ({ $0.temperature = 0.5 }, "temperature"), ({ $0.seed = 9 }, "seed"), ({ $0.control = "x" }, "control"),
            ({ $0.maximumTokens = 8 }, "max-tokens"),
        ] as [((inout RolloutOptions) -> Void, String)] {
            let error = await #expect(throws: RolloutError.self) { try await collect(folder, options(change), prompts: 2) }
            #expect("\(try #require(error))".contains(name))
        }
        let error = await #expect(throws: RolloutError.self) { try await collect(folder, options(), prompts: 3) }
        #expect("\(try #require(error))".contains("prompts"))
        #expect(try files(folder) == before)
    }

    @Test("control steers the samples, and the states kept are the steered ones")
    func underControl() async throws {
        let edit = try StaticEditFixture.controller(width: 64, strength: 3)
        let folder = folder("r")
        try await RolloutCollector(generator: models.generator, options: options { $0.control = "test" }, control: edit)
            .run(into: folder, prompts: LearningModels.prompts(1), modelSHA256: models.modelSHA256)
        let rollout = try rollouts(folder)[0]
        let prompt = try PromptEncoder(model: models.generator.model, isRaw: true).tokens(of: rollout.prompt)
        var request = GenerationRequest(prompt: prompt, maximumTokens: 0)
        request.reportsStates = true
        let plain = try #require(try await models.generator.answer(request).promptState)
        let kept = try SafetensorsFile(path: folder.shardPath(0)).floats("states")
        let moved = zip(kept[..<64], plain.halves).map { $0 - Float(Float16(bitPattern: $1)) }
        #expect(zip(moved, StaticEditFixture.direction(width: 64)).allSatisfy { abs($0 - 3 * $1) < 0.02 })
        #expect(rollout.valueAfter ?? 0 > rollout.valueBefore ?? 0)
    }
}

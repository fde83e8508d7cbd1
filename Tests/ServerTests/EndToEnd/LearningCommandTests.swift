import Control
import Foundation
import HTTP
import ModelFiles
import TestSupport
import Testing

@Suite(
    "rudder rollouts, label, train, tune and evaluate",
    .enabled(if: RudderProcess.path != nil, "needs the built program"),
    .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3")
)
struct LearningCommandTests {
    private let folder: TemporaryDirectory
    private let model: String

    init() throws {
        folder = try TemporaryDirectory()
        model = try #require(TestServer.tinyModel)
        let prompts = (0..<20).map { "{\"prompt\": \"text number \($0) to go on with\"}\n" }.joined()
        try Data(prompts.utf8).write(to: folder.url.appendingPathComponent("prompts.jsonl"))
    }

    @discardableResult
    private func run(_ arguments: [String], status expected: Int32 = 0) async throws -> (output: String, errors: String) {
        let process = try RudderProcess(arguments, folder: folder.url)
        let status = try await process.status()
        try await Task.sleep(for: .milliseconds(100))
        #expect(status == expected, "\(arguments.joined(separator: " ")): \(process.errorText)")
        return (process.outputText, process.errorText)
    }

    private func file(_ path: String) throws -> Data {
        try Data(contentsOf: folder.url.appendingPathComponent(path))
    }

    private func rollouts(_ out: String, samples: Int = 3) -> [String] {
        [
            "rollouts", "--model", model, "--prompts", "prompts.jsonl", "--samples", "\(samples)", "--max-tokens", "8", "--raw", "--out",
            out,
        ]
    }

    @Test("from prompts and a reward to a head that steers, and a table that compares it")
    func pipeline() async throws {
        let collected = try await run(rollouts("r"))
        #expect(collected.output.contains("60 rollouts") && collected.errors.isEmpty, "no bar where there is no terminal")
        let labelled = try await run(["label", "r", "--reward", "words=length"])
        #expect(labelled.output.contains("60 rewards from words"))
        let trained = try await run([
            "train", "r", "--out", "made", "--name", "wordy", "--hidden", "16", "--epochs", "3", "--validation", "0.2", "--model", model,
        ])
        #expect(trained.output.contains("epoch 1:") && trained.output.contains("explained variance"))
        let head = "made/wordy.safetensors"
        let tuned = try await run([
            "tune", "--model", model, "--head", head, "--prompts", "prompts.jsonl", "--reward", "length", "--raw", "--max-tokens", "8",
            "--diversity-loss", "1", "--max-kl", "100",
        ])
        #expect(tuned.output.contains("chosen, now in \(head)"))
        let function = try ValueFunction(file: SafetensorsFile(path: folder.url.appendingPathComponent(head).path))
        #expect(function.metadata["reward"] == "words" && function.metadata["reward_gain"] != nil)
        #expect(try ControlSettings.from(metadata: function.metadata) != ControlSettings())

        try await run([
            "rollouts", "--model", model, "--prompts", "prompts.jsonl", "--samples", "1", "--max-tokens", "4", "--raw", "--out", "r1",
            "--control",
            "{\"head\": \"\(head)\", \"steps\": 2}",
        ])
        let report = try await run([
            "evaluate", "--model", model, "--prompts", "prompts.jsonl", "--head", head, "--out", "results", "--reward", "words=length",
            "--judge",
            "again=length", "--methods", "base,static,best-of-n,re-control", "--rollouts", "r", "--raw", "--max-tokens", "8", "--sweep",
            "0.5,1",
        ])
        #expect(report.output.contains("| re-control |") && report.output.contains("again"))
        for name in ["results.md", "results.json", "sweep.svg"] { #expect(try !file("results/\(name)").isEmpty) }
    }

    @Test("a Hugging Face folder is a model like any other, quantized or not")
    func folderModel() async throws {
        let path = URL(fileURLWithPath: model).deletingLastPathComponent().path
        let common = ["rollouts", "--model", path, "--prompts", "prompts.jsonl", "--samples", "1", "--max-tokens", "4", "--raw"]
        #expect(try await run(common + ["--out", "f"]).output.contains("20 rollouts"))
        #expect(try await run(common + ["--out", "q", "--quantize", "q8_0"]).output.contains("20 rollouts"))
        #expect(try file("f/states-00000.safetensors") != file("q/states-00000.safetensors"))
        try await run(common + ["--out", "z", "--quantize", "q2_0"], status: 64)
        try await run(["label", "f", "--reward", "words=length"])
        try await run([
            "train", "f", "--out", "made", "--name", "m", "--hidden", "8", "--epochs", "1", "--validation", "0.2", "--model", path,
        ])
    }

    @Test("states between blocks make a head that steers there")
    func layerSite() async throws {
        try await run(rollouts("r") + ["--site", "layer.1"])
        let manifest = try #require(String(bytes: try file("r/rollouts.json"), encoding: .utf8))
        #expect(manifest.contains("\"site\":\"layer.1\""))
        let other = try await run(rollouts("r") + ["--site", "layer.0"], status: 1)
        #expect(other.errors.contains("the site: layer.1 there, layer.0 asked for"))
        let absent = try await run(rollouts("z") + ["--site", "layer.3"], status: 1)
        #expect(absent.errors.contains("'layer.3'") && absent.errors.contains("'layer.2'"))
        try await run(rollouts("z") + ["--site", "layer"], status: 64)
        // What was refused has left nothing behind.
        try await run(rollouts("z", samples: 1) + ["--site", "layer.2"])
        try await run(["label", "r", "--reward", "words=length"])
        try await run(["train", "r", "--out", "made", "--name", "inner", "--hidden", "8", "--epochs", "1", "--validation", "0.2"])
        let head = "made/inner.safetensors"
        let function = try ValueFunction(file: SafetensorsFile(path: folder.url.appendingPathComponent(head).path))
        #expect(function.site == .layer(1))
        let tune = [
            "tune", "--model", model, "--head", head, "--prompts", "prompts.jsonl", "--reward", "length", "--raw", "--max-tokens", "8",
        ]
        let bounded = try await run(tune + ["--max-kl", "1"], status: 1)
        #expect(bounded.errors.contains("--max-kl") && bounded.errors.contains("layer.1"))
        let tuned = try await run(tune + ["--diversity-loss", "1"])
        #expect(tuned.output.contains("chosen, now in \(head)") && !tuned.output.contains("KL"))
        // Without --site the states are of the site that is steered.
        try await run(rollouts("r1", samples: 1) + ["--control", head])
        #expect(String(bytes: try file("r1/rollouts.json"), encoding: .utf8)?.contains("\"site\":\"layer.1\"") == true)
        try await run(rollouts("f", samples: 1))
        try await run(["label", "f", "--reward", "words=length"])
        let mixed = try await run(["train", "r", "f", "--out", "mixed", "--hidden", "8", "--epochs", "1"], status: 1)
        #expect(mixed.errors.contains("final_norm") && mixed.errors.contains("layer.1"))
        let report = try await run([
            "evaluate", "--model", model, "--prompts", "prompts.jsonl", "--head", head, "--out", "results", "--reward", "words=length",
            "--methods", "base,static,controlled-decoding,re-control", "--rollouts", "r", "--raw", "--max-tokens", "6", "--sweep", "0.5",
        ])
        #expect(report.output.contains("| re-control |") && report.output.contains("Control at `layer.1`"))
        let apart = try await run(
            ["evaluate", "--model", model, "--prompts", "prompts.jsonl", "--head", head, "--out", "apart", "--reward", "length"]
                + ["--methods", "base,static,re-control", "--rollouts", "f", "--raw"],
            status: 1
        )
        #expect(apart.errors.contains("'final_norm'") && apart.errors.contains("'layer.1'"))
        let pairs = (0..<12).map {
            "{\"chosen\": \"\\n\\nHuman: \($0)\\n\\nAssistant: a b\", \"rejected\": \"\\n\\nHuman: \($0)\\n\\nAssistant: c\"}\n"
        }
        try Data(pairs.joined().utf8).write(to: folder.url.appendingPathComponent("pairs.jsonl"))
        try await run([
            "train", "--preferences", "pairs.jsonl", "--site", "layer.0", "--out", "p", "--name", "judge", "--hidden", "4", "--epochs", "1",
            "--raw", "--model", model,
        ])
        let judge = try ValueFunction(file: SafetensorsFile(path: folder.url.appendingPathComponent("p/judge.safetensors").path))
        #expect(judge.site == .layer(0))
        let judged = try await run(["label", "r1", "--reward", "preference:p/judge.safetensors", "--model", model])
        #expect(judged.output.contains("20 rewards"))
    }

    @Test("a reward head comes from pairs of answers, and labels")
    func preferences() async throws {
        let pairs = (0..<30).map {
            "{\"chosen\": \"\\n\\nHuman: q\($0)\\n\\nAssistant: yes sir \($0)\", \"rejected\": \"\\n\\nHuman: q\($0)\\n\\nAssistant: never \($0)\"}\n"
        }
        try Data(pairs.joined().utf8).write(to: folder.url.appendingPathComponent("pairs.jsonl"))
        let trained = try await run([
            "train", "--preferences", "pairs.jsonl", "--out", "reward", "--raw", "--hidden", "8", "--epochs", "30", "--patience", "30",
            "--model", model,
            "--validation", "0.2", "--learning-rate", "0.01", "--weight-decay", "0.1",
        ])
        #expect(trained.output.contains("accuracy 1.000"), "a last word tells these pairs apart")
        try await run(rollouts("r", samples: 1))
        let labelled = try await run(["label", "r", "--reward", "preference:reward/reward.safetensors", "--model", model])
        #expect(labelled.output.contains("20 rewards"))
    }

    @Test("killed at any moment, a run of rollouts goes on to the files of one that was not")
    func killed() async throws {
        try await run(rollouts("whole", samples: 150))
        let size = { (try? file("killed/rollouts.jsonl").count) ?? 0 }
        for milliseconds in [0, 10, 20] {
            let before = size()
            let process = try RudderProcess(rollouts("killed", samples: 150), folder: folder.url)
            // In the middle: when it has written more than there was.
            while size() == before { try await Task.sleep(for: .milliseconds(1)) }
            try await Task.sleep(for: .milliseconds(milliseconds))
            process.send(SIGKILL)
            _ = try await process.status()
        }
        #expect(try file("killed/rollouts.jsonl").count < file("whole/rollouts.jsonl").count)
        try await run(rollouts("killed", samples: 150))
        #expect(try file("killed/rollouts.jsonl") == file("whole/rollouts.jsonl"))
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.url.appendingPathComponent("whole").path) {
            #expect(try file("killed/\(name)") == file("whole/\(name)"))
        }
    }

    @Test("Ctrl-C keeps what is finished, says so, and ends with 130")
    func interrupted() async throws {
        let process = try RudderProcess(rollouts("r", samples: 4000), folder: folder.url)
        while (try? file("r/rollouts.jsonl").isEmpty) != false { try await Task.sleep(for: .milliseconds(5)) }
        process.send(SIGINT)
        #expect(try await process.status() == 130)
        try await Task.sleep(for: .milliseconds(100))
        #expect(process.errorText.contains("goes on from there"))
        let lines = try file("r/rollouts.jsonl")
        #expect(lines.last == 0x0A && lines.count { $0 == 0x0A } > 0)
    }

    @Test("a service judges in batches; one that fails, answers short or with no number names the record, and what it judged stays")
    func service() async throws {
        try await run(rollouts("r"))
        let service = try await RewardService()
        let failures: [(@Sendable (Int) -> ServerResponse?, String)] = [
            ({ $0 == 2 ? ServerResponse(status: .internalServerError, body: .bytes([])) : nil }, "status 500"),
            ({ _ in ServerResponse(status: .ok, body: .bytes(Array("[1, 2]".utf8))) }, "judged 2 of the 28"),
            (
                { _ in ServerResponse(status: .ok, body: .bytes(Array("{\"rewards\": [\"x\"\(String(repeating: ", 1", count: 27))]}".utf8)))
                }, "record 32"
            ),
            ({ _ in ServerResponse(status: .ok, body: .bytes(Array("hello".utf8))) }, "no list 'rewards'"),
        ]
        for (answer, reason) in failures {
            service.answer(answer)
            let failed = try await run(["label", "r", "--reward", service.url], status: 1)
            #expect(failed.errors.contains(reason) && failed.errors.contains("record 32"), "\(failed.errors)")
            #expect(try file("r/rewards.jsonl").count { $0 == 0x0A } == 33, "the source and the first batch's rewards")
        }
        service.answer { _ in
            Thread.sleep(forTimeInterval: 1.5)
            return nil
        }
        let hung = try await run(["label", "r", "--reward", service.url, "--timeout", "0.4"], status: 1)
        #expect(hung.errors.contains("did not judge record 32 within 0.4 s"), "\(hung.errors)")
        let unknown = try await run(["label", "r", "--reward", "magic"], status: 1)
        #expect(unknown.errors.contains("is no source of rewards"))
        service.answer(nil)
        let labelled = try await run(["label", "r", "--reward", service.url])
        #expect(labelled.output.contains("60 rewards"))
        #expect(service.batches.prefix(2) == [32, 28])
        await service.stop()
    }

    @Test("on a narrow terminal the progress bar stays in its row")
    func narrowProgress() async throws {
        let process = try TerminalProcess(rollouts("r", samples: 100), folder: folder.url, columns: 40)
        #expect(try await process.status() == 0)
        try await Task.sleep(for: .milliseconds(100))
        let pieces = process.text.unicodeScalars.split { $0 == "\r" || $0 == "\n" }.map(String.init)
        let bars = pieces.filter { $0.hasPrefix("rollouts [") }
        #expect(!bars.isEmpty)
        for bar in bars { #expect(bar.count <= 39, "\(bar)") }
    }

    @Test("files that a step cannot go on from are named with what to do about them")
    func advice() async throws {
        try await run(rollouts("r", samples: 1))
        try Data("nonsense\n".utf8).write(to: folder.url.appendingPathComponent("r/rewards.jsonl"))
        let rewards = try await run(["label", "r", "--reward", "length"], status: 1)
        #expect(rewards.errors.contains("; remove the file to label anew, or name another with --out"), "\(rewards.errors)")
        try FileManager.default.removeItem(at: folder.url.appendingPathComponent("r/rewards.jsonl"))
        let away = try await run(["label", "r", "--reward", "length", "--out", "none/rewards.jsonl"], status: 1)
        #expect(away.errors.contains("none/rewards.jsonl") && away.errors.contains("; name a place where you may write"), "\(away.errors)")
        let failing = try await run(["label", "r", "--reward", "command:exit 3"], status: 1)
        #expect(failing.errors.contains("; what it wrote to standard error says why"), "\(failing.errors)")
        try Data("1\n".utf8).write(to: folder.url.appendingPathComponent("short"))
        let short = try await run(["label", "r", "--reward", "file:short", "--out", "other.jsonl"], status: 1)
        #expect(short.errors.contains("there is no line for it; add it to the file"), "\(short.errors)")
        let same = (0..<20).map { _ in "1\n" }.joined()
        try Data(same.utf8).write(to: folder.url.appendingPathComponent("same"))
        try FileManager.default.removeItem(at: folder.url.appendingPathComponent("r/rewards.jsonl"))
        try await run(["label", "r", "--reward", "file:same"])
        let train = ["train", "r", "--out", "made", "--hidden", "4", "--epochs", "1", "--validation", "0.2"]
        let equal = try await run(train, status: 1)
        #expect(equal.errors.contains("; label with a reward that tells answers apart"), "\(equal.errors)")
        try Data("x".utf8).write(to: folder.url.appendingPathComponent("r/states-00000.safetensors"))
        let shard = try await run(train, status: 1)
        #expect(
            shard.errors.contains("states-00000.safetensors") && shard.errors.contains("sample again with `rudder rollouts`"),
            "\(shard.errors)"
        )
    }

    @Test(
        "what cannot be done is said in a line",
        arguments: [
            (["label", "nowhere", "--reward", "length"], "holds no rollouts"),
            (["train", "--out", "x"], "--preferences"),
            (["train", "nowhere", "--out", "x"], "holds no rollouts"),
            (["train", "nowhere", "--out", "x", "--lambda", "2"], "'lambda' must be"),
            (["rollouts", "--prompts", "nothing.jsonl", "--out", "x"], "nothing.jsonl: cannot be opened"),
            (
                ["evaluate", "--prompts", "prompts.jsonl", "--head", "x", "--out", "o", "--reward", "length", "--methods", "magic"],
                "is no method"
            ),
            (["evaluate", "--prompts", "prompts.jsonl", "--head", "x", "--out", "o", "--reward", "length"], "needs --rollouts"),
            (["label", "nowhere", "--reward", "length", "--timeout", "nan"], "--timeout must be"),
            (["label", "nowhere", "--reward", "length", "--timeout", "0"], "--timeout must be"),
            (
                ["evaluate", "--prompts", "prompts.jsonl", "--head", "x", "--out", "o", "--reward", "r=length", "--judge", "r=length"],
                "different names"
            ),
            (["tune", "--head", "nobody.safetensors", "--prompts", "prompts.jsonl", "--reward", "length"], "no file 'nobody.safetensors'"),
        ]
    )
    func errors(arguments: [String], reason: String) async throws {
        let process = try RudderProcess(arguments, folder: folder.url)
        #expect(try await process.status() != 0)
        try await Task.sleep(for: .milliseconds(100))
        #expect(process.errorText.contains(reason), "\(process.errorText)")
    }
}

import Foundation
import Server
import TestSupport
import Testing

@Suite(
    "rudder generate, rudder heads and rudder model",
    .enabled(if: RudderProcess.path != nil, "needs the built program"),
    .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3")
)
struct CommandTests {
    private let folder: TemporaryDirectory
    private let model: String

    init() throws {
        folder = try TemporaryDirectory()
        model = try #require(TestServer.tinyModel)
        let heads = folder.url.appendingPathComponent("Config/heads")
        try FileManager.default.createDirectory(at: heads, withIntermediateDirectories: true)
        try Data(TestHeads.file(width: TestServer.tinyWidth)).write(to: heads.appendingPathComponent("bundled.safetensors"))
    }

    private func run(_ arguments: [String], input: URL? = nil, output: URL? = nil) async throws
        -> (status: Int32, output: String, errors: String)
    {
        let process = try RudderProcess(arguments, input: input, output: output, folder: folder.url)
        let status = try await process.status()
        // The pipes are read by handlers of their own, which may be a moment late.
        try await Task.sleep(for: .milliseconds(100))
        return (status, process.outputText, process.errorText)
    }

    @Test("generate, plain and steered by each form of --control")
    func generate() async throws {
        let control = folder.url.appendingPathComponent("control.json")
        try #"{"head": "bundled", "steps": 3}"#.write(to: control, atomically: true, encoding: .utf8)
        let common = ["generate", "Hi", "--model", model, "--max-tokens", "5", "--temperature", "0"]
        let plain = try await run(common)
        #expect(plain.status == 0)
        #expect(!plain.errors.contains("value"))
        for argument in ["bundled", "bundled@1", #"{"head": "bundled", "steps": 3}"#, "@control.json"] {
            let steered = try await run(common + ["--control", argument])
            #expect(steered.status == 0, "\(argument): \(steered.errors)")
            #expect(steered.errors.contains("value"))
        }
        let unknown = try await run(common + ["--control", "nobody"])
        #expect(unknown.status != 0)
        #expect(unknown.errors.contains("nobody"))
        #expect(unknown.output.isEmpty)
    }

    @Test("a result that cannot be written is an error, and not lost in silence", arguments: ["heads", "generate", "model", "verify"])
    func fullOutput(command: String) async throws {
        let arguments = [
            "heads": ["heads", "list"], "generate": ["generate", "Hi", "--model", model, "--max-tokens", "2"],
            "model": ["model", "inspect", model], "verify": ["model", "verify", "nowhere"],
        ]
        let full = try await run(try #require(arguments[command]), output: URL(fileURLWithPath: "/dev/full"))
        #expect(full.status == 1)
        #expect(
            full.errors.contains(
                "Error: cannot write standard output: No space left on device; free some space, or send it elsewhere\n"
            ),
            "\(full.errors)"
        )
    }

    @Test("generate - reads the prompt from standard input; where that cannot be read it says so, and loads nothing")
    func standardInput() async throws {
        let file = folder.url.appendingPathComponent("prompt")
        try "Hi".write(to: file, atomically: true, encoding: .utf8)
        let common = ["--model", model, "--max-tokens", "5", "--temperature", "0"]
        let read = try await run(["generate", "-"] + common, input: file)
        #expect(try await run(["generate", "Hi"] + common).output == read.output && read.status == 0)
        let directory = try await run(["generate", "-", "--model", "nowhere.gguf"], input: folder.url)
        #expect(directory.status == 1 && directory.output.isEmpty)
        #expect(directory.errors.contains("cannot read standard input: Is a directory; give it the prompt as text"), "\(directory.errors)")
    }

    @Test("a head's metadata cannot control the terminal that lists or inspects it, nor add rows")
    func escapes() async throws {
        let metadata = ["reward": "good\u{1b}[2J\u{202e}\nfake@1", "model": "m\u{9b}2J", "note": "a\u{07}\u{1b}]0;title\u{07}b"]
        let file = folder.url.appendingPathComponent("Config/heads/rogue.safetensors")
        try Data(TestHeads.file(width: TestServer.tinyWidth, metadata: metadata)).write(to: file)
        for arguments in [["heads", "list"], ["heads", "inspect", "rogue"], ["heads", "inspect", file.path]] {
            let shown = try await run(arguments)
            #expect(shown.status == 0 && shown.output.contains("good[2J fake@1"), "\(shown)")
            for scalar in shown.output.unicodeScalars where scalar != "\n" {
                #expect(scalar.properties.generalCategory != .control && scalar != "\u{202e}")
            }
        }
        #expect(try await run(["heads", "list"]).output.split(separator: "\n").count == 3)
        try Data(TestHeads.file(width: TestServer.tinyWidth, metadata: ["site": "x\u{1b}[2J"])).write(to: file)
        for arguments in [["heads", "inspect", file.path], ["heads", "verify", file.path]] {
            let refused = try await run(arguments)
            let text = refused.output + refused.errors
            #expect(refused.status == 1 && text.contains("[2J") && !text.contains("\u{1b}"), "\(text)")
        }
    }

    @Test("a folder of a head's name does not hide the head")
    func folderOfSameName() async throws {
        try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("bundled"), withIntermediateDirectories: true)
        let inspect = try await run(["heads", "inspect", "bundled"])
        #expect(inspect.status == 0 && inspect.output.contains("bundled@1"), "\(inspect.errors)")
        try "{\"prompt\": \"a\"}\n".write(to: folder.url.appendingPathComponent("p.jsonl"), atomically: true, encoding: .utf8)
        let common = ["--model", model, "--prompts", "p.jsonl", "--max-tokens", "2", "--out", "o", "--raw"]
        let rollouts = try await run(["rollouts", "--control", "bundled"] + common)
        #expect(rollouts.status == 0, "\(rollouts.errors)")
    }

    @Test("heads list, inspect and verify")
    func heads() async throws {
        let file = "Config/heads/bundled.safetensors"
        let list = try await run(["heads", "list"])
        #expect(list.status == 0 && list.output.contains("bundled"))
        for name in ["bundled", file] {
            let inspect = try await run(["heads", "inspect", name])
            #expect(inspect.status == 0 && inspect.output.contains("64"))
        }
        #expect(try await run(["heads", "verify", file]).status == 0)
        let path = folder.url.appendingPathComponent("broken.safetensors")
        try Data([1, 2, 3]).write(to: path)
        let broken = try await run(["heads", "verify", file, path.path])
        #expect(broken.status == 1 && broken.output.contains("broken.safetensors"))
    }

    @Test("model inspect and verify, for files and folders, sound and not")
    func models() async throws {
        let folderModel = URL(fileURLWithPath: model).deletingLastPathComponent().path
        let inspect = try await run(["model", "inspect", folderModel, "--metadata", "--tensors"])
        #expect(inspect.status == 0 && inspect.output.contains("Hugging Face folder") && inspect.output.contains("runs here"))
        #expect(inspect.output.contains("llama.embedding_length") && inspect.output.contains("blk.0.attn_q.weight"))
        let sound = try await run(["model", "verify", model, folderModel])
        #expect(sound.status == 0 && sound.output.components(separatedBy: ": ok, llama, 3 layers of 64, 384 tokens").count == 3)

        let copy = folder.url.appendingPathComponent("copy")
        try FileManager.default.copyItem(atPath: folderModel, toPath: copy.path)
        let weights = copy.appendingPathComponent("model.safetensors")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: weights.path)
        var bytes = try Data(contentsOf: weights)
        // The last number of the last tensor becomes none.
        bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0xc0, 0x7f])
        try bytes.write(to: weights)
        let broken = try await run(["model", "verify", model, copy.path, "nowhere"])
        #expect(broken.status == 1 && broken.output.contains("copy: tensor '") && broken.output.contains("not finite"))
        #expect(broken.output.contains("model.gguf: ok") && broken.output.contains("nowhere: cannot open"))
        let missing = try await run(["model", "inspect", "nowhere"])
        #expect(missing.status != 0 && missing.errors.contains("nowhere"))
    }

    @Test("heads push uploads to a running server")
    func push() async throws {
        let server = try RudderProcess(
            ["serve", "--model", "tiny=\(model)", "--port", "0"],
            environment: ["RUDDER_ADMIN_TOKEN": "secret"],
            folder: folder.url
        )
        let client = try await server.ready()
        let push = ["heads", "push", "pushed", "Config/heads/bundled.safetensors", "--url", "http://127.0.0.1:\(client.port)"]
        #expect(try await run(push).status != 0)
        let pushed = try await run(push + ["--token", "secret"])
        #expect(pushed.status == 0 && pushed.output.contains("pushed@1"))
        let heads = try await client.send("GET", "/v1/heads").json()["data"]?.elements.compactMap { $0["name"]?.text }
        #expect(heads == ["bundled", "pushed"])
    }
}

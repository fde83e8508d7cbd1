import Foundation
import Server
import TestSupport
import Testing

@Suite("Help and errors on the command line", .enabled(if: RudderProcess.path != nil, "needs the built program"))
struct HelpTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func errors(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        let process = try RudderProcess(arguments, environment: environment, folder: folder.url)
        #expect(try await process.status() != 0)
        try await Task.sleep(for: .milliseconds(100))
        return process.errorText
    }

    @Test("rudder --version tells the version alone")
    func version() async throws {
        let process = try RudderProcess(["--version"], folder: folder.url)
        #expect(try await process.status() == 0)
        try await Task.sleep(for: .milliseconds(100))
        #expect(process.outputText == "\(BuildInformation.version)\n")
    }

    @Test("rudder --help fits a screen of 24 rows and 80 columns")
    func help() async throws {
        let help = try TerminalProcess(["--help"], folder: folder.url)
        #expect(try await help.status() == 0)
        try await Task.sleep(for: .milliseconds(100))
        let lines = help.text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.contains { $0.contains("chat") })
        #expect(lines.count <= 24, "\(lines.count) rows")
        for line in lines { #expect(line.count <= 80, "\(line)") }
    }

    @Test(
        "each error says what to do next, in one line",
        arguments: [
            (["chat", "--model", "/nowhere/model.gguf"], ["/nowhere/model.gguf", "make model"]),
            (["generate", "Hi", "--control", "{"], ["--control", #"{"head": "NAME""#]),
            (["generate", "Hi", "--control", "@none.json"], ["none.json", "name a file"]),
            (["generate", "Hi", "--config", "none.yaml"], ["none.yaml", "--config"]),
            (["heads", "inspect", "nobody"], ["nobody", "rudder heads list"]),
            (["heads", "push", "a", "none.safetensors"], ["none.safetensors", "name a safetensors file"]),
            (["generate", "Hi", "--model", "broken"], ["cannot load the model 'broken' from broken: ", "rudder model verify broken"]),
            (["rollouts", "--model", "m=broken", "--prompts", "good.jsonl", "--out", "o"], ["model 'm' from broken", "--model takes"]),
            (["model", "inspect", "nowhere"], ["'nowhere'", "; name a GGUF file, the first of a split one, or a Hugging Face folder"]),
            (["model", "inspect", "broken"], ["'broken' is no model: ", "; name a GGUF file"]),
            (["bench", "--model", "nowhere.gguf"], ["nowhere.gguf", "make model"]),
            (["bench", "--model", "broken"], ["from broken: ", "rudder model verify broken"]),
            (["bench", "--server", "http://127.0.0.1:1"], ["127.0.0.1:1", "; `rudder serve` starts a server, --server says"]),
            (["bench", "--server", "http://nowhere.invalid"], ["nowhere.invalid", "--server says where one is"]),
            (["heads", "list", "--registry", "broken"], ["'broken", "; --registry names another folder"]),
            (["heads", "list", "--config", "bad.yaml"], ["bad.yaml", "; correct it there, or name another file with --config"]),
            (["heads", "list", "--config", "value.yaml"], ["'server.port'", "(value.yaml); correct it there"]),
            (
                ["heads", "inspect", "broken"],
                ["'broken' is no value function: ", "; `rudder train` and `rudder heads convert` make them"]
            ),
            (["heads", "inspect", "./none"], ["./none", "rudder heads list"]),
            (["heads", "inspect", "no name"], ["'no name' is not a head's name", "; `rudder heads list` lists those there are"]),
            (["heads", "inspect", "made"], ["'made' is a folder", "the file in it, made/made.safetensors"]),
            (["heads", "convert", "broken", "o.safetensors"], ["'broken'", "; save the state_dict of one with torch.save"]),
            (["heads", "convert", "none.pth", "o.safetensors"], ["none.pth", "; name a checkpoint that you may read"]),
            (["heads", "convert", "good.pth", "o", "--metadata", "steps=abc"], ["'steps' is 'abc'", "; correct it in --metadata"]),
            (["heads", "convert", "good.pth", "o", "--metadata", "steps=5000"], ["'steps' is '5000'", "; correct it in --metadata"]),
            (["heads", "convert", "good.pth", "none/o.safetensors"], ["'none/o.safetensors'", "; name a place where you may write"]),
            (["train", "none", "--out", "broken"], ["cannot make the folder 'broken'", "; name a place where you may write"]),
            (["train", "none", "--out", "broken/sub"], ["cannot make the folder 'broken/sub'", "; name a place where you may write"]),
            (["train", "none", "--out", "o"], ["holds no rollouts", "`rudder rollouts` makes them"]),
            (["train", "--preferences", "empty.jsonl", "--out", "o"], ["empty.jsonl: there is no pair", "; each line is {\"chosen\""]),
            (["train", "--preferences", "broken", "--out", "o"], ["broken, line 1: ", "; each line is {\"chosen\""]),
            (
                ["rollouts", "--prompts", "empty.jsonl", "--out", "o"],
                ["there is no prompt in it", "; --prompts takes a file with a line"]
            ),
            (["rollouts", "--prompts", "broken", "--out", "o"], ["broken, line 1: ", "; --prompts takes a file with a line"]),
            (
                ["evaluate", "--prompts", "none.jsonl", "--head", "x", "--out", "o", "--reward", "length", "--methods", "base"],
                ["none.jsonl: ", "; --prompts takes a file with a line"]
            ),
            (
                ["tune", "--head", "made", "--prompts", "good.jsonl", "--reward", "length"],
                ["'made' is a folder", "made/made.safetensors"]
            ),
            (
                ["label", "shard", "--reward", "length"],
                ["shard/rollouts.json", "; remove the folder, and sample again with `rudder rollouts`"]
            ),
        ] as [([String], [String])]
    )
    func advice(arguments: [String], expected: [String]) async throws {
        try write("this is no file of any kind", to: "broken")
        try write("\n", to: "empty.jsonl")
        try write("{\"prompt\": \"a\"}\n", to: "good.jsonl")
        try write("a: [", to: "bad.yaml")
        try write("server:\n  port: high\n", to: "value.yaml")
        try write("x", to: "made/made.safetensors")
        try write("{}\n", to: "shard/rollouts.json")
        try FileManager.default.copyItem(
            at: GoldenFiles.repositoryFile("Tests/Golden/pytorch/state_dict.pth"),
            to: folder.url.appendingPathComponent("good.pth")
        )
        let errors = try await errors(arguments)
        for text in expected { #expect(errors.contains(text), "\(text): \(errors)") }
        #expect(errors.hasPrefix("Error: ") && errors.split(separator: "\n").count == 1, "\(errors)")
    }

    private func write(_ text: String, to path: String) throws {
        let file = folder.url.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    @Test("a bad value of the environment is told with the variable that has it")
    func environment() async throws {
        let errors = try await errors(["heads", "list"], environment: ["RUDDER_SERVER_PORT": "high"])
        #expect(errors.contains("RUDDER_SERVER_PORT") && errors.contains("; set the variable anew, or unset it"), "\(errors)")
    }

    @Test(
        "numbers that nothing could be done with are refused before anything is loaded or written",
        arguments: [
            (["rollouts", "--max-tokens", "9223372036854775807"], "--max-tokens is 9223372036854775807; expected 1 to 1000000"),
            (["rollouts", "--samples", "9223372036854775807"], "--samples is 9223372036854775807; expected 1 to 1000000"),
            (["rollouts", "--samples", "0"], "--samples is 0"), (["rollouts", "--temperature", "nan"], "--temperature must be"),
            (["rollouts", "--temperature", "3"], "--temperature must be a number from 0 to 2"),
            (["rollouts", "--top-p", "0"], "--top-p must be"), (HelpTests.evaluate + ["--temperature", "inf"], "--temperature must be"),
            (HelpTests.evaluate + ["--max-tokens", "9223372036854775807"], "--max-tokens is"),
            (HelpTests.evaluate + ["--best-of", "9223372036854775807"], "--best-of is"),
            (HelpTests.evaluate + ["--best-of-temperature", "9"], "--best-of-temperature must be"),
            (HelpTests.evaluate + ["--decoding-weight", "nan"], "--decoding-weight is"),
            (HelpTests.tune + ["--max-tokens", "9223372036854775807"], "--max-tokens is"),
            (HelpTests.tune + ["--max-tokens", "0"], "--max-tokens is"),
            (HelpTests.tune + ["--temperature", "-1"], "--temperature must be"),
            (HelpTests.tune + ["--diversity-loss", "nan"], "--diversity-loss is"), (HelpTests.tune + ["--max-kl", "-1"], "--max-kl is"),
            (HelpTests.tune + ["--coherence", "length", "--coherence-loss", "inf"], "--coherence-loss is"),
        ] as [([String], String)]
    )
    func ranges(arguments: [String], expected: String) async throws {
        try write("{\"prompt\": \"a\"}\n", to: "good.jsonl")
        // The name and the value in one word: a value may begin with a hyphen.
        let value = arguments.suffix(2).joined(separator: "=")
        let process = try RudderProcess(arguments.dropLast(2) + [value, "--prompts", "good.jsonl"] + out(arguments), folder: folder.url)
        #expect(try await process.status() == 64)
        try await Task.sleep(for: .milliseconds(100))
        #expect(process.errorText.contains(expected), "\(process.errorText)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["good.jsonl"])
    }

    private static let evaluate = ["evaluate", "--head", "x", "--reward", "length", "--methods", "base"]
    private static let tune = ["tune", "--head", "x", "--reward", "length"]

    private func out(_ arguments: [String]) -> [String] {
        arguments[0] == "tune" ? [] : ["--out", "o"]
    }

    @Test(
        "a folder that batches cannot have is told with a way out",
        .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3")
    )
    func batches() async throws {
        let arguments = ["serve", "--model", try #require(TestServer.tinyModel), "--port", "0"]
        let errors = try await errors(arguments, environment: ["RUDDER_BATCHES_DIRECTORY": "/proc/none"])
        #expect(
            errors.contains("/proc/none") && errors.contains("; batches.directory in the configuration names another folder"),
            "\(errors)"
        )
        #expect(!errors.contains("NSError") && !errors.contains("Domain="), "\(errors)")
    }

    @Test("a port in use is told with a way out", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
    func port() async throws {
        let model = try #require(TestServer.tinyModel)
        try await TestServer.run { server in
            let errors = try await errors(["serve", "--model", model, "--port", "\(server.client.port)"])
            #expect(errors.contains("in use") && errors.contains("--port"))
        }
    }

    @Test(
        "a server that is not there, and one that wants a token, are told with a way out",
        .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3")
    )
    func push() async throws {
        let file = folder.url.appendingPathComponent("head.safetensors")
        try Data(TestHeads.file(width: TestServer.tinyWidth)).write(to: file)
        #expect(try await errors(["heads", "push", "a", file.path, "--url", "http://127.0.0.1:1"]).contains("--url"))
        try await TestServer.run(configure: { try $0.access.adminTokens = [SecretHash(of: "secret")] }) { server in
            let push = ["heads", "push", "a", file.path, "--url", "http://127.0.0.1:\(server.client.port)"]
            let errors = try await errors(push)
            #expect(errors.contains("; give the server's admin token with --token"))
        }
        try await TestServer.run { server in
            let broken = folder.url.appendingPathComponent("broken.safetensors").path
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: broken))
            let errors = try await errors(["heads", "push", "a", broken, "--url", "http://127.0.0.1:\(server.client.port)"])
            #expect(errors.contains("400") && errors.contains("; `rudder heads verify \(broken)` checks it here"), "\(errors)")
        }
    }

    @Test("completion scripts for each shell know the subcommands", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async throws {
        let process = try RudderProcess(["--generate-completion-script", shell], folder: folder.url)
        #expect(try await process.status() == 0)
        try await Task.sleep(for: .milliseconds(100))
        #expect(process.outputText.contains("generate") && process.outputText.contains("---completion"))
    }
}

import Foundation
import TestSupport
import Testing

@Suite("Help and errors on the command line", .enabled(if: RudderProcess.path != nil, "needs the built program"))
struct HelpTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func errors(_ arguments: [String]) async throws -> String {
        let process = try RudderProcess(arguments, folder: folder.url)
        #expect(try await process.status() != 0)
        try await Task.sleep(for: .milliseconds(100))
        return process.errorText
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
        "each error says what to do next",
        arguments: [
            (["chat", "--model", "/nowhere/model.gguf"], ["/nowhere/model.gguf", "make model"]),
            (["generate", "Hi", "--control", "{"], ["--control", #"{"head": "NAME""#]),
            (["generate", "Hi", "--control", "@none.json"], ["none.json", "name a file"]),
            (["generate", "Hi", "--config", "none.yaml"], ["none.yaml", "--config"]),
            (["heads", "inspect", "nobody"], ["nobody", "rudder heads list"]),
            (["heads", "push", "a", "none.safetensors"], ["none.safetensors", "name a safetensors file"]),
        ] as [([String], [String])]
    )
    func advice(arguments: [String], expected: [String]) async throws {
        let errors = try await errors(arguments)
        for text in expected { #expect(errors.contains(text), "\(text): \(errors)") }
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
        try await TestServer.run(configure: { $0.adminToken = "secret" }) { server in
            let push = ["heads", "push", "a", file.path, "--url", "http://127.0.0.1:\(server.client.port)"]
            let errors = try await errors(push)
            #expect(errors.contains("--token"))
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

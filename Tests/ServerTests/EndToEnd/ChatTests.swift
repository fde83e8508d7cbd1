import Foundation
import Server
import TestSupport
import Testing

@Suite(
    "rudder chat",
    .serialized,
    .enabled(if: RudderProcess.path != nil, "needs the built program"),
    .enabled(if: GoldenFiles.model != nil, "needs the default model")
)
struct ChatTests {
    private let folder: TemporaryDirectory
    private let common: [String]

    init() throws {
        folder = try TemporaryDirectory()
        let heads = folder.url.appendingPathComponent("Config/heads")
        try FileManager.default.createDirectory(at: heads, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: GoldenFiles.repositoryFile("Config/heads/positivity.safetensors"),
            to: heads.appendingPathComponent("positivity.safetensors")
        )
        common = ["chat", "--model", try #require(GoldenFiles.model).path, "--temperature", "0"]
    }

    /// Runs a chat whose lines come from a pipe.
    private func piped(_ input: String, _ arguments: [String] = []) async throws -> (status: Int32, output: String, errors: String) {
        let file = folder.url.appendingPathComponent("input")
        try input.write(to: file, atomically: true, encoding: .utf8)
        let process = try RudderProcess(common + arguments, input: file, folder: folder.url)
        let status = try await process.status()
        try await Task.sleep(for: .milliseconds(100))
        return (status, process.outputText, process.errorText)
    }

    @Test("lines from a pipe: answers alone on standard output, no prompt, no colour")
    func pipe() async throws {
        let answers = try await piped(
            "What is the capital of France?\n/head positivity\nWhy?\n/quit\nnever read\n",
            ["--max-tokens", "12"]
        )
        #expect(answers.status == 0 && answers.errors.isEmpty)
        #expect(answers.output.split(separator: "\n").count >= 2 && answers.output.hasSuffix("\n"))
        #expect(!answers.output.contains("\u{1b}") && !answers.output.contains("> "))
        let alone = try await piped("What is the capital of France?", ["--max-tokens", "12"])
        #expect(!alone.output.isEmpty && answers.output.hasPrefix(alone.output))
    }

    @Test("lines that cannot be carried out say what to do, and the next ones are")
    func pipedErrors() async throws {
        let answers = try await piped(
            "/hed positivity\n/head positivty\n/steps 1001\n/retry\n/compare\n/temperature 9\nHi\n",
            ["--max-tokens", "4", "--seed", "1"]
        )
        #expect(answers.status == 1)
        for expected in [
            "did you mean /head?", "did you mean 'positivity'?", "1000", "write a message first", "/head NAME", "'temperature'",
        ] {
            #expect(answers.errors.contains(expected), "\(expected): \(answers.errors)")
        }
        #expect(!answers.output.isEmpty)
    }

    @Test("a conversation goes on, is taken back, and is saved")
    func conversation() async throws {
        let script = "My name is Zebulon.\nHi\n/undo\n/save chat.jsonl\n/save Config\n"
        let answers = try await piped(script, ["--max-tokens", "8", "--system", "Be brief."])
        #expect(answers.errors.contains("Config is there already"))
        let lines = try String(contentsOf: folder.url.appendingPathComponent("chat.jsonl"), encoding: .utf8).split(separator: "\n")
        let messages = try lines.map { try JSONParser.parse(String($0)) }
        #expect(messages.map { $0["role"]?.text } == ["system", "user", "assistant"])
        #expect(messages[1]["content"]?.text == "My name is Zebulon.")
    }

    @Test("at a terminal: a streamed answer, Ctrl-C in its midst, heads, comparison, history, Ctrl-D")
    func terminal() async throws {
        let chat = try TerminalProcess(common, folder: folder.url)
        try await chat.wait(for: "> ")
        var start = chat.count
        chat.type("Count from one to one hundred in words, with a sentence about each.\r")
        try await chat.wait(for: "\n", since: start)
        start = chat.count
        // Some of the answer is there; it would go on for long.
        while chat.count < start + 40 { try await Task.sleep(for: .milliseconds(10)) }
        chat.type("\u{03}")
        let stopped = try await chat.wait(for: "> ", since: start)
        #expect(stopped.contains("stopped; what came stays"))

        start = chat.count
        chat.type("/hea\t\r")
        let heads = try await chat.wait(for: "> ", since: start + 5)
        #expect(heads.contains("positivity") && heads.contains("vader"))
        start = chat.count
        chat.type("/head pos\t\r")
        try await chat.wait(for: "positivity> ", since: start)
        start = chat.count
        chat.type("/max-tokens 8\r/compare\r")
        try await chat.wait(for: "positivity/plain> ", since: start)
        start = chat.count
        chat.type("Tell me about rain.\r")
        try await chat.wait(for: "steered: ", since: start)
        let compared = try await chat.wait(for: "positivity/plain> ", since: start + 30)
        #expect(compared.contains("plain:") && compared.contains("\u{1b}[48;2;") && compared.contains("tokens/s"))

        start = chat.count
        chat.type("\u{1b}[A\u{1b}[A")
        try await chat.wait(for: "/compare", since: start)
        chat.type("\u{03}\u{04}")
        #expect(try await chat.status() == 0)
        #expect(chat.isRestored)
        let history = try String(contentsOf: folder.url.appendingPathComponent("rudder/history"), encoding: .utf8)
        #expect(history.hasSuffix("/max-tokens 8\n/compare\nTell me about rain.\n"))
    }

    @Test("a wide terminal shows both answers side by side; a pasted line end sends nothing")
    func wide() async throws {
        let arguments = common + ["--control", "positivity", "--max-tokens", "8"]
        let chat = try TerminalProcess(arguments, environment: ["NO_COLOR": "1"], folder: folder.url, columns: 120)
        try await chat.wait(for: "positivity> ")
        chat.type("/compare\r")
        try await chat.wait(for: "positivity/plain> ")
        let start = chat.count
        chat.type("\u{1b}[200~Tell me\nabout rain.\u{1b}[201~")
        try await chat.wait(for: "about rain.", since: start)
        try await Task.sleep(for: .milliseconds(200))
        #expect(!String(chat.text.unicodeScalars.dropFirst(start)).contains("steered"))
        chat.type("\r")
        let answers = try await chat.wait(for: "tokens/s; value", since: start)
        #expect(answers.contains("steered by positivity") && answers.contains(" │ ") && !answers.contains("\u{1b}[48;"))
        chat.type("/quit\r")
        #expect(try await chat.status() == 0)
    }

    @Test("Ctrl-C gives up the lines that came in one piece with the one that is answered")
    func droppedLines() async throws {
        let chat = try TerminalProcess(common, folder: folder.url)
        try await chat.wait(for: "> ")
        var start = chat.count
        chat.type("Count from one to one hundred in words, with a sentence about each.\rNever asked.\r")
        try await chat.wait(for: "\n", since: start)
        start = chat.count
        while chat.count < start + 40 { try await Task.sleep(for: .milliseconds(10)) }
        chat.type("\u{03}")
        try await chat.wait(for: "stopped; what came stays", since: start)
        try await chat.wait(for: "> ", since: start)
        start = chat.count
        chat.type("/save chat.jsonl\r")
        try await chat.wait(for: "2 messages in chat.jsonl", since: start)
        chat.type("/quit\r")
        #expect(try await chat.status() == 0)
        #expect(!chat.text.contains("Never asked."))
    }

    @Test("/retry that is stopped before anything came leaves the answer before as it was")
    func stoppedRetry() async throws {
        let chat = try TerminalProcess(common + ["--max-tokens", "8"], folder: folder.url)
        try await chat.wait(for: "> ")
        var start = chat.count
        chat.type("Tell me about rain.\r")
        try await chat.wait(for: "tokens/s", since: start)
        try await chat.wait(for: "> ", since: start + 30)
        chat.type("/save before.jsonl\r")
        try await chat.wait(for: "2 messages in before.jsonl", since: start)
        start = chat.count
        chat.type("/retry\r\u{03}")
        try await chat.wait(for: "stopped before anything came; the answer before stays", since: start)
        chat.type("/save after.jsonl\r")
        try await chat.wait(for: "2 messages in after.jsonl", since: start)
        chat.type("/quit\r")
        #expect(try await chat.status() == 0)
        let saved = try ["before.jsonl", "after.jsonl"].map { try Data(contentsOf: folder.url.appendingPathComponent($0)) }
        #expect(saved[0] == saved[1])
    }

    @Test("with both outputs in files the prompts go to standard error, and standard output gets the answers alone")
    func redirected() async throws {
        let files = ["out", "err"].map { folder.url.appendingPathComponent($0) }
        for file in files { try Data().write(to: file) }
        let chat = try TerminalProcess(common + ["--max-tokens", "4"], folder: folder.url, output: files[0], errors: files[1])
        chat.type("Hi\n")
        for _ in 0..<3000 where try String(contentsOf: files[1], encoding: .utf8).contains("tokens/s") == false {
            try await Task.sleep(for: .milliseconds(20))
        }
        chat.type("/quit\n")
        #expect(try await chat.status() == 0)
        let texts = try files.map { try String(contentsOf: $0, encoding: .utf8) }
        #expect(!texts[0].isEmpty && !texts[0].contains("> ") && texts[1].contains("> "))
    }

    @Test("in a chat an error names the command that helps")
    func commandAdvice() async throws {
        let answers = try await piped("/max-tokens 8000\n" + String(repeating: "word ", count: 9000) + "\n", ["--max-tokens", "4"])
        #expect(answers.status == 1)
        #expect(answers.errors.contains("/clear begins anew, /undo takes the last exchange back"), "\(answers.errors)")
    }

    @Test(
        "SIGQUIT, which Ctrl-\\ sends, and signals of a program's own faults give the terminal back and end the program",
        // AddressSanitizer has SIGSEGV for itself.
        arguments: [SIGQUIT, SIGABRT, SIGTRAP] + (Sanitizer.isOn ? [] : [SIGSEGV])
    )
    func fatalSignals(signal: Int32) async throws {
        // The backtrace that a fault may show before the end takes longer than there is to wait.
        let chat = try TerminalProcess(common, environment: ["SWIFT_BACKTRACE": "enable=no"], folder: folder.url)
        try await chat.wait(for: "> ")
        #expect(!chat.isRestored)
        chat.send(signal)
        #expect(try await chat.status() == -signal)
        #expect(chat.isRestored && chat.text.hasSuffix("\u{1b}[?2004l"))
    }

    @Test("SIGTERM gives the terminal back; Ctrl-C twice on an empty line ends")
    func endings() async throws {
        let killed = try TerminalProcess(common, folder: folder.url)
        try await killed.wait(for: "> ")
        #expect(!killed.isRestored)
        killed.send(SIGTERM)
        #expect(try await killed.status() == 128 + SIGTERM)
        #expect(killed.isRestored)
        let left = try TerminalProcess(common, folder: folder.url)
        try await left.wait(for: "> ")
        let start = left.count
        left.type("half a line\u{03}\u{03}")
        try await left.wait(for: "Ctrl-C again", since: start)
        left.type("\u{03}")
        #expect(try await left.status() == 0)
        #expect(left.isRestored)
    }

    @Test("a terminal that cannot move its cursor gets plain lines")
    func dumb() async throws {
        let chat = try TerminalProcess(common + ["--max-tokens", "4"], environment: ["TERM": "dumb"], folder: folder.url)
        try await chat.wait(for: "> ")
        let start = chat.count
        chat.type("Hi\n")
        try await chat.wait(for: "> ", since: start + 4)
        chat.type("/quit\n")
        #expect(try await chat.status() == 0)
        #expect(!chat.text.contains("\u{1b}"))
    }

    @Test("generate colours steered tokens where it is told to, and the text is the same")
    func colours() async throws {
        func generate(_ color: String) async throws -> String {
            let arguments = ["generate", "Hi", "--max-tokens", "8", "--control", "positivity", "--color", color] + common.dropFirst()
            let process = try RudderProcess(arguments, folder: folder.url)
            #expect(try await process.status() == 0)
            try await Task.sleep(for: .milliseconds(100))
            return process.outputText
        }
        let (plain, coloured) = (try await generate("auto"), try await generate("always"))
        #expect(!plain.contains("\u{1b}") && coloured.contains("\u{1b}[48;"))
        #expect(coloured.replacing(#/\u{1b}\[[0-9;]*m/#, with: "") == plain)
    }
}

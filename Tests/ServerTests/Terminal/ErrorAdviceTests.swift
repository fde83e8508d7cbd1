import Control
import Foundation
import HTTP
import Inference
import ModelFiles
import Server
import Testing
import ValueRegistry
import rudder

@Suite("What to do about an error")
struct ErrorAdviceTests {
    private static let table: [(any Error, String)] = [
        (
            ModelFileError.system(path: "x", operation: "create", reason: "Permission denied"),
            "cannot create 'x': Permission denied; name a place where you may write, or free some space"
        ),
        (ModelFileError.missingFile(path: "x", operation: "open"), "is its name right?"),
        (ModelFileError.system(path: "x", operation: "open", reason: "Permission denied"), "name a file that you may read"),
        (ModelFileError.badFormat("this is none"), "this is none; the file is damaged"),
        (
            ValueRegistryError.system(.system(path: ".state", operation: "make the directory", reason: "Permission denied")),
            "--registry names another folder"
        ),
        (ValueFunctionError.missingTensor("fc1.weight"), "rudder heads verify"),
        (HeadReferenceError.badVersion("x"), "rudder heads list"),
        (ControlSettingsError(field: "steps", expected: "a number"), "give it in --control"),
        (PoolError.unavailable(model: "m"), "--quantize q8_0"),
        (PoolError.contextExceeded(promptTokens: 3, maximumTokens: 2, contextLength: 4), "ask for fewer tokens"),
        (PoolError.noStateSite(.layer(9), layerCount: 3), "--site names one of them"),
        (GenerationError.modelNotFinite(position: 1), "rudder model verify"),
        (GenerationError.workerFailed(model: "m", reason: "why"), "report it if it stays"),
        (GenerationError.stateTooLarge(site: "layer.1", position: 1), "choose another --site"),
        (PromptError.noChatTemplate(model: "m"), "--raw"),
        (HTTPClientError.badResponse("x"), "is the address right"),
        (
            CocoaError(.fileWriteNoPermission, userInfo: [NSFilePathErrorKey: "/x", NSUnderlyingErrorKey: POSIXError(.EACCES)]),
            "cannot use '/x': Permission denied; is the place right"
        ),
        (ServeError.noModelFile(id: "m", path: "x"), "make model"),
        (ServeError.cannotLoad(id: "m", path: "x.gguf", ModelFileError.badFormat("none")), "rudder model verify x.gguf"),
        (ConfigurationError.malformed(path: "c.yaml", reason: "no"), "correct it there, or name another file with --config"),
        (
            ConfigurationError.badValue(name: "a", value: "b", source: "environment variable RUDDER_A", expectation: "c"),
            "set the variable anew, or unset it"
        ),
        (ConfigurationError.badValue(name: "a", value: "b", source: "c.yaml", expectation: "c"), "(c.yaml); correct it there"),
    ]

    @Test("each type of error has a next step, behind its reason and in one line", arguments: table.indices)
    func steps(row: Int) {
        let (error, expected) = Self.table[row]
        let text = ErrorAdvice.text(error)
        #expect(text.contains(expected), "\(text)")
        #expect((error is CocoaError || text.hasPrefix("\(error)")) && !text.contains("\n"))
        #expect(text.contains("; "))
    }

    @Test("in a chat the next step is a command")
    func commands() {
        let error = GenerationError.controlNotFinite(heads: ["a"], position: 1)
        #expect(ErrorAdvice.text(error, style: .commands).hasSuffix("/step-size or /max-norm"))
        #expect(!ErrorAdvice.text(error).contains("/step-size"))
        let long = PoolError.contextExceeded(promptTokens: 3, maximumTokens: 2, contextLength: 4)
        #expect(ErrorAdvice.text(long, style: .commands).contains("/clear begins anew"))
    }

    @Test("what a file says of itself cannot control the terminal, or look like a line of the program's")
    func harmless() {
        let text = ErrorAdvice.text(CommandError("'a\u{1b}[2J\u{202e}\nError: b'"))
        #expect(text == "'a[2J Error: b'")
    }
}

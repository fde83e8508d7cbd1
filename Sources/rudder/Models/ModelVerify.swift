import ArgumentParser
import ModelFiles
import Tokenizers
import Transformer

/// `rudder model verify`.
struct ModelVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check models whole: every tensor has its place, shape and finite numbers; tokenizer and chat template work."
    )

    @Argument(help: ArgumentHelp("GGUF files or Hugging Face folders.", valueName: "PATH"), completion: .file())
    var paths: [String]

    func run() async throws {
        var hasFailed = false
        for path in paths {
            do {
                StandardOutput.write("\(path): \(try Self.verify(path))\n")
            } catch {
                hasFailed = true
                StandardOutput.write(TerminalText.line("\(path): \(error)") + "\n")
            }
        }
        if hasFailed { throw ExitCode.failure }
    }

    /// Checks a model; what there is to say of a sound one.
    private static func verify(_ path: String) throws -> String {
        let source = try ModelFormat.open(path: path)
        let model = try LanguageModel(source: source, packsWeights: false)
        try LanguageModel.checkNumbers(of: source)
        let files = try TokenizerFiles(source: source)
        let template = try files.chatTemplate.map { try ChatTemplate(source: $0) }
        for file in source.files { try file.checkUnchanged() }
        let digest = try SHA256Digest.ofFiles(paths: source.files.map(\.path))
        let (layers, hidden) = (model.configuration.layerCount, model.configuration.hiddenSize)
        return "ok, \(model.configuration.architecture), \(layers) layers of \(hidden), \(files.tokenizer.vocabularySize) tokens, "
            + "\(template == nil ? "no" : "a") chat template, sha256 \(digest.hex)"
    }
}

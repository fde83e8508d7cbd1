import ArgumentParser
import Foundation
import ModelFiles
import Tokenizers
import Transformer

/// `rudder model inspect`.
struct ModelInspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Describe a model: its files, sizes, weights and tokenizer, and whether it runs here."
    )

    @Argument(
        help: ArgumentHelp("A GGUF file, the first of a split one, or a Hugging Face folder.", valueName: "PATH"),
        completion: .file()
    )
    var path: String

    @Flag(help: "List the metadata.")
    var metadata = false

    @Flag(help: "List the tensors, by the names that GGUF has for them.")
    var tensors = false

    func run() async throws {
        let source = try open()
        let description = ModelDescription(source: source)
        StandardOutput.write(Table.text(description.rows))
        if metadata { StandardOutput.write("\n" + Table.text(try description.metadata)) }
        if tensors { StandardOutput.write("\n" + Table.text(description.tensors)) }
    }

    private func open() throws(CommandError) -> any ModelSource {
        do {
            return try ModelFormat.open(path: path)
        } catch {
            let expected = "name a GGUF file, the first of a split one, or a Hugging Face folder"
            switch error {
            case ModelFileError.missingFile, ModelFileError.system, ModelFileError.part: throw CommandError("\(error); \(expected)")
            default: throw CommandError("\(path.quoted) is no model: \(error); \(expected)")
            }
        }
    }
}

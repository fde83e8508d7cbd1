import ArgumentParser
import Control
import ModelFiles
import Server

/// `rudder heads convert`.
struct HeadsConvert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Make a value-function file of a PyTorch checkpoint, such as RE-Control publishes.",
        discussion: """
            Reads the tensors fc1, fc2 and fc3 of a state_dict, wherever they are in the checkpoint. The checkpoint's pickle is read by a reader that \
            knows only tensors and dictionaries, and executes nothing; anything else in it is refused.
            """
    )

    @Argument(help: ArgumentHelp("The checkpoint.", valueName: "value_model.pth"), completion: .file(extensions: ["pth", "pt", "bin"]))
    var checkpoint: String

    @Argument(help: ArgumentHelp("Where the value function goes.", valueName: "out.safetensors"), completion: .headFiles)
    var output: String

    @Option(
        help: ArgumentHelp("Metadata of the value function, such as model, reward or step_size; may be repeated.", valueName: "key=value")
    )
    var metadata: [String] = []

    func validate() throws {
        for entry in metadata where !entry.contains("=") || entry.hasPrefix("=") {
            throw ValidationError("--metadata \(entry): write KEY=VALUE")
        }
    }

    func run() async throws {
        var described: [String: String] = [:]
        for entry in metadata {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            described[parts[0]] = parts[1]
        }
        let valueFunction = try Self.valueFunction(of: checkpoint, metadata: described)
        try AtomicFile.replace(output, with: try valueFunction.serialized())
        StandardOutput.write("\(output): \(valueFunction.layerCount) layers on states of \(valueFunction.hiddenSize)\n")
    }

    /// Reads a checkpoint.
    private static func valueFunction(of path: String, metadata: [String: String]) throws(CommandError) -> ValueFunction {
        do {
            return try ValueFunction(checkpoint: try PyTorchCheckpoint(path: path), metadata: metadata)
        } catch {
            switch error {
            case ModelFileError.missingFile, ModelFileError.system:
                throw CommandError("\(error); name a checkpoint that you may read")
            case ValueFunctionError.badMetadata:
                throw CommandError("\(error); correct it in --metadata")
            default:
                throw CommandError(
                    "\(path.quoted) holds no value function: \(error); save the state_dict of one with torch.save, and name that file"
                )
            }
        }
    }
}

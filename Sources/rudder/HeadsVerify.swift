import ArgumentParser
import Control
import ModelFiles
import Server

/// `rudder heads verify`.
struct HeadsVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check value-function files as an upload would: tensors, shapes, finite numbers, metadata."
    )

    @Argument(help: "The files.", completion: .headFiles)
    var files: [String]

    func run() async throws {
        var hasFailed = false
        for path in files {
            do {
                let valueFunction = try ValueFunction(file: SafetensorsFile(path: path))
                try ControlSettings.from(metadata: valueFunction.metadata).validate()
                StandardOutput.write("\(path): ok, \(valueFunction.layerCount) layers on states of \(valueFunction.hiddenSize)\n")
            } catch {
                hasFailed = true
                StandardOutput.write(TerminalText.line("\(path): \(error)") + "\n")
            }
        }
        if hasFailed { throw ExitCode.failure }
    }
}

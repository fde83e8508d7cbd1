import ArgumentParser
import Control
import Foundation
import ModelFiles
import Server
import ValueRegistry

/// `rudder heads inspect`.
struct HeadsInspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Describe a value function: its shape and its metadata."
    )

    @Argument(
        help: ArgumentHelp("A file, or the name of a registered value function.", valueName: "FILE|NAME|NAME@VERSION"),
        completion: .heads
    )
    var head: String

    @OptionGroup var options: RegistryOptions

    func run() async throws {
        if FileManager.default.fileExists(atPath: head) {
            let valueFunction = try ValueFunction(file: SafetensorsFile(path: head))
            print(valueFunction, rows: [["file", head], ["sha256", try SHA256Digest.ofFile(path: head).hex]])
            return
        }
        guard let registered = try await options.open().head(try HeadReference(parsing: head)) else {
            throw CommandError(
                "there is no file '\(head)', and no registered value function of that name; `rudder heads list` lists those there are"
            )
        }
        let description = registered.description
        print(
            registered.valueFunction,
            rows: [
                ["name", "\(description.name)@\(description.version)"], ["sha256", description.sha256],
                ["bytes", String(description.byteCount)],
            ]
        )
    }

    private func print(_ valueFunction: ValueFunction, rows: [[String]]) {
        var rows = rows
        rows.append(["hidden_size", String(valueFunction.hiddenSize)])
        rows.append(["layers", String(valueFunction.layerCount)])
        rows.append(["site", valueFunction.site.description])
        for (name, value) in valueFunction.metadata.sorted(by: { $0.key < $1.key }) where !["hidden_size", "site"].contains(name) {
            rows.append([name, value])
        }
        StandardOutput.write(Table.text(rows))
    }
}

import ArgumentParser
import Foundation
import Server
import ValueRegistry

/// `rudder heads list`.
struct HeadsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the value functions of the registry and those bundled with the server."
    )

    @OptionGroup var options: RegistryOptions

    func run() async throws {
        let registry = try await options.open()
        var rows = [["NAME", "VERSION", "WIDTH", "LAYERS", "REWARD", "MODEL"]]
        for head in registry.list() {
            rows.append([
                head.name, String(head.version), String(head.hiddenSize), String(head.layers), head.metadata["reward"] ?? "-",
                head.model ?? "-",
            ])
        }
        StandardOutput.write(Table.text(rows))
    }
}

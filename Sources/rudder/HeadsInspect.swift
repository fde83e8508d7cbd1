import ArgumentParser
import Control
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
        if ValueFunctionFile.exists(head) {
            let valueFunction = try ValueFunctionFile.read(head)
            print(valueFunction, rows: [["file", head], ["sha256", try SHA256Digest.ofFile(path: head).hex]])
            return
        }
        // What has a slash was meant as a path.
        guard !head.contains("/"), let registered = try await options.open().head(try HeadReference(parsing: head)) else {
            throw ValueFunctionFile.missing(head)
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

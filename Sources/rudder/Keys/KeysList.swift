import ArgumentParser
import Server

/// `rudder keys list`.
struct KeysList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Check a file of API keys, and list what each may do.")

    @Argument(help: "The file.", completion: .file())
    var file: String

    func run() throws {
        let keys = try KeyFile.read(path: file)
        var rows = [["NAME", "REQUESTS/MIN", "TOKENS/MIN", "AT ONCE", "MODELS", "HEADS"]]
        for key in keys {
            let limits = [key.requestsPerMinute, key.tokensPerMinute, key.concurrentRequests].map { $0.map(String.init) ?? "-" }
            let names = [key.models, key.heads].map { names in names.map { $0.isEmpty ? "none" : $0.joined(separator: ",") } ?? "all" }
            rows.append([key.name] + limits + names)
        }
        StandardOutput.write(Table.text(rows))
    }
}

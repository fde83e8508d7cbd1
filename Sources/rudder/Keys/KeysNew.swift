import ArgumentParser
import Server

/// `rudder keys new`.
struct KeysNew: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make an API key: the key to standard error, its entry for the file to standard output.",
        discussion: "rudder keys new alice --requests-per-minute 60 >> keys.yaml"
    )

    @Argument(help: "Whose it is: letters, digits, dots, underscores, hyphens.")
    var name: String

    @Option(help: "Requests that may begin in a minute; 0: any number.")
    var requestsPerMinute = 0

    @Option(help: "Tokens of prompts and answers in a minute; 0: any number.")
    var tokensPerMinute = 0

    @Option(help: "Requests that may be under way at once; 0: any number.")
    var concurrentRequests = 0

    @Option(name: .customLong("model"), help: "A model that it may use; may be repeated (default: all).")
    var models: [String] = []

    @Option(name: .customLong("head"), help: "A value function that it may steer with; may be repeated (default: all).", completion: .heads)
    var heads: [String] = []

    func validate() throws {
        guard APIKey.isName(name) else { throw ValidationError("'\(name)' is no name; write \(APIKey.nameExpectation)") }
        for (option, value) in [
            ("--requests-per-minute", requestsPerMinute), ("--tokens-per-minute", tokensPerMinute),
            ("--concurrent-requests", concurrentRequests),
        ] where !(0...1_000_000_000).contains(value) {
            throw ValidationError("\(option) is \(value); expected 0 to 1000000000")
        }
    }

    func run() throws {
        let secret = RandomSecret.make()
        var key = APIKey(name: name, hash: try SecretHash(of: secret))
        key.requestsPerMinute = requestsPerMinute
        key.tokensPerMinute = tokensPerMinute
        key.concurrentRequests = concurrentRequests
        key.models = models.isEmpty ? nil : models
        key.heads = heads.isEmpty ? nil : heads
        StandardOutput.write(KeyFile.entry(of: key))
        StandardError.write("The key, which is shown this once:\n\(secret)\n")
    }
}

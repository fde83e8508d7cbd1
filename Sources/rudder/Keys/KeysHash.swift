import ArgumentParser
import Server

/// `rudder keys hash`.
struct KeysHash: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hash",
        abstract: "Hash a key or an admin token, read from standard input, for a file that shall not hold it."
    )

    @Flag(help: "Make a new secret, shown on standard error, and hash that.")
    var generate = false

    func run() throws {
        let secret: String
        if generate {
            secret = RandomSecret.make()
            StandardError.write("The secret, which is shown this once:\n\(secret)\n")
        } else {
            secret = readLine(strippingNewline: true) ?? ""
        }
        guard secret.utf8.count >= SecretHash.shortest else {
            throw CommandError(
                "the secret has \(secret.utf8.count) bytes, which can be guessed; give one of at least \(SecretHash.shortest), or --generate"
            )
        }
        guard secret.utf8.count <= SecretHash.longest else {
            throw CommandError("the secret has \(secret.utf8.count) bytes; give one of at most \(SecretHash.longest), or --generate")
        }
        guard secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CommandError(
                "the secret has characters that no header carries; give one of printable ASCII without spaces, or --generate"
            )
        }
        StandardOutput.write(try SecretHash(of: secret).text + "\n")
    }
}

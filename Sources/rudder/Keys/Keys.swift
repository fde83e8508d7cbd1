import ArgumentParser

/// `rudder keys`.
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make and list the API keys of a server.",
        discussion: """
            A server asks for API keys where access.keys_file names a file of them. The file holds no key, only what a key is known by: its salted hash.
            """,
        subcommands: [KeysNew.self, KeysHash.self, KeysList.self]
    )
}

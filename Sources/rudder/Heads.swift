import ArgumentParser

/// `rudder heads`.
struct Heads: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Work with value functions: list, inspect, verify, push to a server.",
        subcommands: [HeadsList.self, HeadsInspect.self, HeadsVerify.self, HeadsPush.self]
    )
}

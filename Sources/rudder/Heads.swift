import ArgumentParser

/// `rudder heads`.
struct Heads: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Work with value functions: list, inspect, verify, convert, push to a server.",
        subcommands: [HeadsList.self, HeadsInspect.self, HeadsVerify.self, HeadsConvert.self, HeadsPush.self]
    )
}

import ArgumentParser

/// `rudder heads`.
struct Heads: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, check, convert and upload value functions.",
        subcommands: [HeadsList.self, HeadsInspect.self, HeadsVerify.self, HeadsConvert.self, HeadsPush.self]
    )
}

import ArgumentParser

/// `rudder model`.
struct Model: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Work with model files: inspect, verify.",
        subcommands: [ModelInspect.self, ModelVerify.self]
    )
}

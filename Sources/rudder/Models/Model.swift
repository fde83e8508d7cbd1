import ArgumentParser

/// `rudder model`.
struct Model: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Inspect and verify model files.",
        subcommands: [ModelInspect.self, ModelVerify.self]
    )
}

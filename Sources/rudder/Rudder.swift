import ArgumentParser

/// The command line.
@main
struct Rudder: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rudder",
        abstract: "Serve and steer language models, by gradient ascent on value functions.",
        subcommands: [
            Serve.self, Chat.self, Generate.self, Rollouts.self, LabelCommand.self, Train.self, Tune.self, Evaluate.self, Heads.self,
            Model.self, BenchCommand.self,
        ]
    )
}

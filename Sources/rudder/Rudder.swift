import ArgumentParser

/// The command line.
@main
struct Rudder: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rudder",
        abstract: "An inference server you can steer.",
        discussion:
            "Serves language models over OpenAI's HTTP interface and steers their hidden states, request by request, by gradient ascent on learned value functions.",
        subcommands: [
            Serve.self, Generate.self, Rollouts.self, LabelCommand.self, Train.self, Tune.self, Evaluate.self,
            Heads.self, Model.self, BenchCommand.self,
        ]
    )
}

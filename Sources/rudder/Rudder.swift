import ArgumentParser
import CAllocator
import Server

/// The command line.
@main
struct Rudder: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rudder",
        abstract: "Serve and steer language models by the gradients of value functions.",
        subcommands: [
            Serve.self, Chat.self, Generate.self, Rollouts.self, LabelCommand.self, Train.self, Tune.self, Evaluate.self, Heads.self,
            Model.self, Keys.self, BenchCommand.self, Health.self,
        ]
    )

    /// Everybody tries it, so that it needs no line of the help.
    @Flag(help: .hidden)
    var version = false

    func run() async throws {
        guard version else { throw CleanExit.helpRequest(self) }
        StandardOutput.write("\(BuildInformation.version)\n")
    }

    /// Runs the command line of this process, and ends it with its status. Unlike ArgumentParser's own it says what to do about an error, and
    /// takes no result for told that could not be written.
    static func main() async {
        allocator_give_back()
        StandardDescriptors.keepClosed()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            if let failure = StandardOutput.takeFailure() { throw failure }
        } catch {
            // A command that fails with a status alone has told why on standard output.
            let lost = (error as? ExitCode) == .failure ? StandardOutput.takeFailure() : nil
            exit(withError: lost ?? ErrorAdvice.told(error))
        }
    }
}

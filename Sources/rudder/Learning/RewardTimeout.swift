import ArgumentParser

/// The option of every subcommand that has answers judged.
struct RewardTimeout: ParsableArguments {
    @Option(help: "Seconds that a command or service may take over one record or batch.")
    var timeout = 120.0

    func validate() throws {
        guard timeout > 0, timeout <= 1e6 else { throw ValidationError("--timeout must be above 0 and at most 1000000 seconds") }
    }
}

import ArgumentParser
import Foundation
import Server
import ValueRegistry

/// The options of subcommands that read the registry.
struct RegistryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The configuration file (default: Config/rudder.yaml, where there is one).", valueName: "path"),
        completion: .configurationFiles
    )
    var config: String?

    @Option(help: ArgumentHelp("Folder of uploaded value functions.", valueName: "dir"), completion: .directory)
    var registry: String?

    /// Opens the registry that the configuration names.
    func open() async throws -> ValueRegistry {
        var flags: [[String]: String] = [:]
        flags.set(ConfigurationSchema.registryDirectory, to: registry)
        let configuration = try await ServerConfiguration.load(
            path: config,
            environment: ProcessInfo.processInfo.environment,
            flags: flags,
            readsAccess: false
        )
        return try ValueRegistry(
            directory: configuration.registryDirectory,
            bundledHeads: configuration.bundledHeads,
            keepVersions: configuration.keepVersions,
            logger: Log.make(level: "warning")
        )
    }
}

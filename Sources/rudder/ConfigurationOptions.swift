import ArgumentParser
import Compute
import Foundation
import Server

/// The options that every subcommand which loads models or value functions has.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The configuration file (default: Config/rudder.yaml, where there is one).", valueName: "path"),
        completion: .configurationFiles
    )
    var config: String?

    @Option(help: ArgumentHelp("Folder of uploaded value functions.", valueName: "dir"), completion: .directory)
    var registry: String?

    @Option(help: "Compute threads; 0: one for each core.")
    var threads: String?

    @Option(
        help: ArgumentHelp(
            "What floating-point weights become when they are loaded: q8_0 or q4_0; else as they are.",
            valueName: "type"
        )
    )
    var quantize: WeightQuantization?

    /// What these options set.
    var flags: [[String]: String] {
        var flags: [[String]: String] = [:]
        flags.set(ConfigurationSchema.registryDirectory, to: registry)
        flags.set(ConfigurationSchema.threads, to: threads)
        return flags
    }

    /// Reads the configuration with the flags over it.
    ///
    /// - Parameter readsAccess: Whether who may use a server is read, too: its keys, its tokens.
    func load(flags: [[String]: String], models: [String], readsAccess: Bool = false) async throws -> ServerConfiguration {
        var configuration = try await ServerConfiguration.load(
            path: config,
            environment: ProcessInfo.processInfo.environment,
            flags: flags,
            modelArguments: models,
            readsAccess: readsAccess
        )
        if let quantize {
            for index in configuration.models.indices { configuration.models[index].quantization = quantize }
        }
        return configuration
    }
}

extension [[String]: String] {
    /// Sets a configuration key where a flag was given.
    mutating func set(_ key: any ConfigurationKeyDescription, to value: String?) {
        if let value { self[key.path] = value }
    }
}

extension WeightQuantization: ExpressibleByArgument {}

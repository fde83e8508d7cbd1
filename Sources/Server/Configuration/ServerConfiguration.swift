import Foundation
import Logging

/// All that a server is told at its start, checked.
package struct ServerConfiguration: Sendable {
    package var host = "127.0.0.1"
    /// 0 picks a free port.
    package var port = 8080
    package var drainTime: Duration = .seconds(30)
    package var drainIdleTime: Duration = .seconds(2)
    package var headerTimeout: Duration = .seconds(10)
    package var bodyTimeout: Duration = .seconds(30)
    /// Bytes a second with which a body has to come on the whole; nil: any rate will do.
    package var minimumBodyRate: Int? = 500
    /// How long a request may take, its answer included; nil: any time.
    package var requestTimeout: Duration?
    package var idleTimeout: Duration = .seconds(75)
    package var writeTimeout: Duration = .seconds(30)
    package var connections = 1024
    package var connectionsPerAddress = 256
    package var headerBytes = 32 << 10
    /// Who may use the server, and over what.
    package var access = AccessSettings()
    /// Whether `/` and `/server` are pages for a browser.
    package var playground = true
    /// Compute threads of all workers; nil: one for each core.
    package var threads: Int?
    /// Whether requests that begin alike share what they have in common in the KV cache.
    package var prefixCache = true
    package var models: [ModelSettings] = [ModelCatalogue.standard]
    /// Sequences that one worker runs at once.
    package var running = 16
    /// Sequences that wait.
    package var queued = 256
    package var limits = RequestLimits()
    package var registryDirectory = ".state/heads"
    /// Nil: no bundled value functions.
    package var bundledHeads: String? = "Config/heads"
    package var keepVersions = 5
    package var gramCacheBytes = 256 << 20
    /// How often a value function's own control may be not finite before it steers no more; 0: any number of times.
    package var quarantineAfter = 3
    /// Nil: there are no files and batches.
    package var batches: BatchSettings? = BatchSettings()
    package var logLevel = Logger.Level.info
    package var logFormat = LogFormat.text
    /// Whether every request is a line of the log.
    package var logsRequests = true
    /// Whether the text of prompts and answers is logged.
    package var logsPrompts = false
    /// What the operator should hear of at the start, such as a misspelt environment variable.
    package var warnings: [String] = []
    /// The file that was read; nil for none.
    package var file: String?
    /// Every key's value as it was written, for telling what another reading changed.
    package var texts: [String: String] = [:]

    package init() {}

    /// How many sequences the workers of all models run at once.
    package var places: Int {
        models.reduce(0) { $0 + $1.workers } * running
    }

    /// The file that is read when none is named.
    package static let standardFile = "Config/rudder.yaml"

    /// Reads the configuration: flags over the environment over the file over the defaults.
    ///
    /// - Parameters:
    ///   - path: The file; nil: `Config/rudder.yaml` where it exists, else none.
    ///   - environment: The environment's variables.
    ///   - flags: Values of keys from the command line, by key path.
    ///   - modelArguments: The values of `--model`; where there is any, they replace the file's models.
    ///   - readsAccess: Whether who may use the server is read, and the files of keys and tokens with it, which only a server needs; whether it has TLS is
    ///     told in any case.
    package static func load(
        path: String? = nil,
        environment: [String: String],
        flags: [[String]: String] = [:],
        modelArguments: [String] = [],
        readsAccess: Bool = true
    ) async throws(ConfigurationError) -> ServerConfiguration {
        var file: ConfigurationFile?
        if let path {
            file = try ConfigurationFile(path: path)
        } else if FileManager.default.fileExists(atPath: standardFile) {
            file = try ConfigurationFile(path: standardFile)
        }
        let reader = try await ConfigurationReader(file: file, environment: environment, flags: flags)
        var configuration = try ServerConfiguration(reader: reader)
        if readsAccess {
            configuration.access = try AccessSettings(reader: reader)
        } else {
            configuration.access.tls = try AccessSettings.tls(reader)
        }
        configuration.file = file?.path
        configuration.models = try models(reader: reader, ids: file?.modelIDs ?? [], arguments: modelArguments)
        configuration.warnings = try configuration.access.warnings + unknownVariables(environment, modelIDs: file?.modelIDs ?? [])
        for key in ConfigurationSchema.keys + configuration.models.flatMap({ ConfigurationSchema.modelKeys($0.id).all }) {
            let text = reader.text(of: key)
            configuration.texts[key.name] = key.isSecret && !text.isEmpty ? "(a secret)" : text
        }
        return configuration
    }

    private init(reader: ConfigurationReader) throws(ConfigurationError) {
        typealias Schema = ConfigurationSchema
        host = try reader.value(Schema.host)
        port = try reader.value(Schema.port)
        drainTime = .seconds(try reader.value(Schema.drainSeconds))
        drainIdleTime = .seconds(try reader.value(Schema.drainIdleSeconds))
        headerTimeout = .seconds(try reader.value(Schema.headerTimeout))
        bodyTimeout = .seconds(try reader.value(Schema.bodyTimeout))
        minimumBodyRate = try reader.value(Schema.minimumBodyRate).nonZero
        requestTimeout = try reader.value(Schema.requestTimeout).nonZero.map { .seconds($0) }
        idleTimeout = .seconds(try reader.value(Schema.idleTimeout))
        writeTimeout = .seconds(try reader.value(Schema.writeTimeout))
        connections = try reader.value(Schema.connections)
        connectionsPerAddress = try reader.value(Schema.connectionsPerAddress)
        headerBytes = try reader.value(Schema.headerBytes)
        playground = try reader.value(Schema.playground)
        threads = try reader.value(Schema.threads).nonZero
        prefixCache = try reader.value(Schema.prefixCache)
        running = try reader.value(Schema.running)
        queued = try reader.value(Schema.queued)
        limits.bodyBytes = try reader.value(Schema.bodyBytes)
        limits.uploadBytes = try reader.value(Schema.uploadBytes)
        limits.promptTokens = try reader.value(Schema.promptTokens).nonZero
        limits.maximumTokens = try reader.value(Schema.maximumTokens).nonZero
        limits.temperature = try reader.value(Schema.temperature)
        limits.choices = try reader.value(Schema.choices)
        limits.stopStrings = try reader.value(Schema.stopStrings)
        limits.logprobs = try reader.value(Schema.logprobs)
        limits.capturedStates = try reader.value(Schema.capturedStates)
        limits.tracedTokens = try reader.value(Schema.tracedTokens)
        limits.steps = try reader.value(Schema.steps)
        limits.stepSize = try reader.value(Schema.stepSize)
        limits.heads = try reader.value(Schema.heads)
        registryDirectory = try reader.value(Schema.registryDirectory)
        bundledHeads = try reader.value(Schema.bundledHeads).nonEmpty
        keepVersions = try reader.value(Schema.keepVersions)
        gramCacheBytes = try reader.value(Schema.gramCacheBytes)
        quarantineAfter = try reader.value(Schema.quarantineAfter)
        batches = try Self.batches(reader)
        logLevel = Logger.Level(rawValue: try reader.value(Schema.logLevel)) ?? .info
        logFormat = LogFormat(rawValue: try reader.value(Schema.logFormat)) ?? .text
        logsRequests = try reader.value(Schema.logRequests)
        logsPrompts = try reader.value(Schema.logPrompts)
    }

    private static func batches(_ reader: ConfigurationReader) throws(ConfigurationError) -> BatchSettings? {
        typealias Schema = ConfigurationSchema
        guard let directory = try reader.value(Schema.batchDirectory).nonEmpty else { return nil }
        var settings = BatchSettings(directory: directory)
        settings.fileBytes = try reader.value(Schema.batchFileBytes)
        settings.totalBytes = try reader.value(Schema.batchTotalBytes)
        settings.lines = try reader.value(Schema.batchLines)
        settings.unfinished = try reader.value(Schema.batchUnfinished)
        settings.kept = try reader.value(Schema.batchKept)
        settings.concurrency = try reader.value(Schema.batchConcurrency).nonZero
        return settings
    }

    private static func models(reader: ConfigurationReader, ids: [String], arguments: [String]) throws(ConfigurationError)
        -> [ModelSettings]
    {
        var configured: [ModelSettings] = []
        for id in ids {
            let keys = ConfigurationSchema.modelKeys(id)
            guard reader.source(of: keys.path) != .standard else {
                throw .missing(name: keys.path.name, why: "every model needs the path of its file")
            }
            var model = ModelSettings(id: id, path: try reader.value(keys.path))
            model.workers = try reader.value(keys.workers)
            model.threads = try reader.value(keys.threads).nonZero
            model.context = try reader.value(keys.context).nonZero
            model.keyValueBytes = try reader.value(keys.keyValueBytes).nonZero
            model.packedWeights = try reader.value(keys.packedWeights)
            model.quantization = try reader.value(keys.quantization)
            configured.append(model)
        }
        if arguments.isEmpty { return configured.isEmpty ? [ModelCatalogue.standard] : configured }
        var models: [ModelSettings] = []
        for argument in arguments {
            let model = ModelCatalogue.settings(forArgument: argument, configured: configured)
            guard !model.id.isEmpty, !models.contains(where: { $0.id == model.id }) else {
                throw .badValue(
                    name: "models",
                    value: argument,
                    source: "command line",
                    expectation: "models of different ids; name one with --model ID=PATH"
                )
            }
            models.append(model)
        }
        return models
    }

    /// How many characters of a name may be wrong for it to be taken for another.
    private static let mostMisspelt = 3

    /// Warns of variables that name no key: the environment is not this program's alone. Of those that would decide who may use the server, one that is
    /// misspelt must not let everybody in.
    private static func unknownVariables(_ environment: [String: String], modelIDs: [String]) throws(ConfigurationError) -> [String] {
        let keys = ConfigurationSchema.keys + modelIDs.flatMap { ConfigurationSchema.modelKeys($0).all }
        let known = Set(
            keys.map(\.environmentVariable) + ["RUDDER_GOLDEN", "RUDDER_LLAMA_CPP_MODELS", "RUDDER_TEST_MODEL", "RUDDER_API_KEY"]
        )
        let unknown = environment.keys.filter { $0.hasPrefix("RUDDER_") && !known.contains($0) }.sorted()
        let guarding = ["ACCESS", "ADMIN", "TLS"].map { "RUDDER_\($0)_" }
        for name in unknown {
            let meant = EditDistance.closest(to: name, among: keys.map(\.environmentVariable))
            // The start of the name may be what is misspelt.
            let near = meant.flatMap { EditDistance.between(name, $0) <= Self.mostMisspelt ? $0 : nil }
            if [name, near].contains(where: { name in guarding.contains { name?.hasPrefix($0) ?? false } }) {
                throw .unknownVariable(name: name, suggestion: meant)
            }
        }
        return unknown.map { "the environment variable \($0) names no configuration key and is ignored" }
    }
}

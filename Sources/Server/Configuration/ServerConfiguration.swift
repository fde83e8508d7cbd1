import Foundation
import HTTP

/// All that a server is told at its start, checked.
package struct ServerConfiguration: Sendable {
    package var host = "127.0.0.1"
    /// 0 picks a free port.
    package var port = 8080
    package var drainTime: Duration = .seconds(30)
    package var headerTimeout: Duration = .seconds(10)
    package var bodyTimeout: Duration = .seconds(30)
    package var idleTimeout: Duration = .seconds(75)
    package var writeTimeout: Duration = .seconds(30)
    package var connections = 1024
    package var connectionsPerAddress = 256
    package var headerBytes = 32 << 10
    /// The server's certificate and key; nil: no TLS.
    package var tls: TLSServerSettings?
    /// Whether the admin API asks for a client certificate.
    package var adminAsksForCertificate = false
    /// The admin API's bearer token; nil: it answers on loopback only.
    package var adminToken: String?
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
    /// Nil: there are no files and batches.
    package var batches: BatchSettings? = BatchSettings()
    package var logLevel = "info"
    package var logFormat = LogFormat.text
    /// Whether every request is a line of the log.
    package var logsRequests = true
    /// Whether the text of prompts and answers is logged.
    package var logsPrompts = false
    /// What the operator should hear of at the start, such as a misspelt environment variable.
    package var warnings: [String] = []

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
    package static func load(
        path: String? = nil,
        environment: [String: String],
        flags: [[String]: String] = [:],
        modelArguments: [String] = []
    ) async throws(ConfigurationError) -> ServerConfiguration {
        var file: ConfigurationFile?
        if let path {
            file = try ConfigurationFile(path: path)
        } else if FileManager.default.fileExists(atPath: standardFile) {
            file = try ConfigurationFile(path: standardFile)
        }
        let reader = try await ConfigurationReader(file: file, environment: environment, flags: flags)
        var configuration = try ServerConfiguration(reader: reader)
        configuration.models = try models(reader: reader, ids: file?.modelIDs ?? [], arguments: modelArguments)
        configuration.warnings = unknownVariables(environment, modelIDs: file?.modelIDs ?? [])
        return configuration
    }

    private init(reader: ConfigurationReader) throws(ConfigurationError) {
        typealias Schema = ConfigurationSchema
        host = try reader.value(Schema.host)
        port = try reader.value(Schema.port)
        drainTime = .seconds(try reader.value(Schema.drainSeconds))
        headerTimeout = .seconds(try reader.value(Schema.headerTimeout))
        bodyTimeout = .seconds(try reader.value(Schema.bodyTimeout))
        idleTimeout = .seconds(try reader.value(Schema.idleTimeout))
        writeTimeout = .seconds(try reader.value(Schema.writeTimeout))
        connections = try reader.value(Schema.connections)
        connectionsPerAddress = try reader.value(Schema.connectionsPerAddress)
        headerBytes = try reader.value(Schema.headerBytes)
        tls = try Self.tls(reader)
        adminToken = try Self.adminToken(reader)
        adminAsksForCertificate = try reader.value(Schema.adminCertificate)
        if adminAsksForCertificate, tls?.clientAuthorities == nil {
            throw .missing(
                name: Schema.clientAuthorities.name,
                why: "'\(Schema.adminCertificate.name)' asks for certificates that somebody signed"
            )
        }
        playground = try reader.value(Schema.playground)
        threads = try reader.value(Schema.threads).nonZero
        prefixCache = try reader.value(Schema.prefixCache)
        running = try reader.value(Schema.running)
        queued = try reader.value(Schema.queued)
        limits.bodyBytes = try reader.value(Schema.bodyBytes)
        limits.uploadBytes = try reader.value(Schema.uploadBytes)
        limits.maximumTokens = try reader.value(Schema.maximumTokens).nonZero
        limits.temperature = try reader.value(Schema.temperature)
        limits.choices = try reader.value(Schema.choices)
        limits.stopStrings = try reader.value(Schema.stopStrings)
        limits.logprobs = try reader.value(Schema.logprobs)
        limits.capturedStates = try reader.value(Schema.capturedStates)
        limits.steps = try reader.value(Schema.steps)
        limits.stepSize = try reader.value(Schema.stepSize)
        limits.heads = try reader.value(Schema.heads)
        registryDirectory = try reader.value(Schema.registryDirectory)
        bundledHeads = try reader.value(Schema.bundledHeads).nonEmpty
        keepVersions = try reader.value(Schema.keepVersions)
        gramCacheBytes = try reader.value(Schema.gramCacheBytes)
        batches = try Self.batches(reader)
        logLevel = try reader.value(Schema.logLevel)
        logFormat = LogFormat(rawValue: try reader.value(Schema.logFormat)) ?? .text
        logsRequests = try reader.value(Schema.logRequests)
        logsPrompts = try reader.value(Schema.logPrompts)
    }

    private static func tls(_ reader: ConfigurationReader) throws(ConfigurationError) -> TLSServerSettings? {
        typealias Schema = ConfigurationSchema
        let certificate = try reader.value(Schema.certificate).nonEmpty
        let key = try reader.value(Schema.certificateKey).nonEmpty
        let authorities = try reader.value(Schema.clientAuthorities).nonEmpty
        if let certificate, let key { return TLSServerSettings(certificate: certificate, key: key, clientAuthorities: authorities) }
        if certificate != nil { throw .missing(name: Schema.certificateKey.name, why: "a certificate needs its key") }
        if key != nil { throw .missing(name: Schema.certificate.name, why: "a key needs its certificate") }
        if authorities != nil { throw .missing(name: Schema.certificate.name, why: "client certificates need TLS") }
        return nil
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

    /// The token itself, or what its file holds. The stronger source wins; set twice by one source, they conflict.
    private static func adminToken(_ reader: ConfigurationReader) throws(ConfigurationError) -> String? {
        typealias Schema = ConfigurationSchema
        let token = try reader.value(Schema.adminToken).nonEmpty
        guard let path = try reader.value(Schema.adminTokenFile).nonEmpty else { return token }
        if let token {
            let tokenRank = reader.source(of: Schema.adminToken).rank
            let fileRank = reader.source(of: Schema.adminTokenFile).rank
            guard tokenRank != fileRank else {
                throw .conflict(names: [Schema.adminToken.name, Schema.adminTokenFile.name], why: "only one of them can be set")
            }
            if tokenRank > fileRank { return token }
        }
        let content = (try? String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard let token = content?.nonEmpty else {
            throw .badValue(
                name: Schema.adminTokenFile.name,
                value: path,
                source: "\(reader.source(of: Schema.adminTokenFile))",
                expectation: "the path of a readable file that holds the token"
            )
        }
        return token
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

    private static func unknownVariables(_ environment: [String: String], modelIDs: [String]) -> [String] {
        let keys = ConfigurationSchema.keys + modelIDs.flatMap { ConfigurationSchema.modelKeys($0).all }
        let known = Set(keys.map(\.environmentVariable) + ["RUDDER_GOLDEN", "RUDDER_LLAMA_CPP_MODELS", "RUDDER_TEST_MODEL"])
        return environment.keys.filter { $0.hasPrefix("RUDDER_") && !known.contains($0) }.sorted()
            .map { "the environment variable \($0) names no configuration key and is ignored" }
    }
}

extension Int {
    /// Nil for 0, which stands for "not set" in the configuration.
    fileprivate var nonZero: Int? { self == 0 ? nil : self }
}

extension String {
    /// Nil for the empty text, which stands for "not set" in the configuration.
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}

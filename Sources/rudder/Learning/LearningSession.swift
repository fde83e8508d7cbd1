import Control
import Foundation
import Inference
import Learning
import Logging
import ModelFiles
import Server
import ValueRegistry

/// One model with its workers, and the value functions, in this process, for the commands that learn.
final class LearningSession: Sendable {
    /// Runs the model.
    let generator: AnswerGenerator
    /// How many threads compute.
    let threads: Int
    /// The model file's SHA-256.
    let modelSHA256: String
    private let pool: WorkerPool
    private let registry: ValueRegistry
    private let limits: RequestLimits
    private let grams: GramCache
    /// Memory for keys and values, where the configuration names none: the same prompts are answered many times, and some hundreds shall be remembered.
    private static let keyValueBytes = 1 << 30
    /// How many requests are under way at once: enough that short answers do not leave workers idle.
    private static let window = 96

    /// Loads the first of the configured models.
    init(configuration: ServerConfiguration, logger: Logger) throws {
        var configuration = configuration
        configuration.models = Array(configuration.models.prefix(1))
        for place in configuration.models.indices where configuration.models[place].keyValueBytes == nil {
            configuration.models[place].keyValueBytes = Self.keyValueBytes
        }
        configuration.queued = max(configuration.queued, 4 * Self.window)
        registry = try ValueRegistry(
            directory: configuration.registryDirectory,
            bundledHeads: configuration.bundledHeads,
            keepVersions: configuration.keepVersions,
            logger: logger
        )
        let models = try ModelLoading.load(configuration.models, logger: logger)
        modelSHA256 = try models[0].computeSHA256()
        pool = try ModelLoading.start(models, configuration: configuration, logger: logger)
        threads = configuration.threads ?? ProcessInfo.processInfo.activeProcessorCount
        limits = configuration.limits
        grams = GramCache(byteLimit: configuration.gramCacheBytes)
        generator = AnswerGenerator(model: models[0], pool: pool, window: Self.window)
    }

    /// Ends the workers.
    func stop() {
        pool.stop()
    }

    /// A value function, by the path of its file or the name it is registered under.
    func head(_ argument: String) throws -> NamedHead {
        let found: NamedHead
        if ValueFunctionFile.exists(argument) {
            let name = URL(fileURLWithPath: argument).deletingPathExtension().lastPathComponent
            found = NamedHead(name: name, path: argument, valueFunction: try ValueFunctionFile.read(argument))
        } else {
            guard let reference = try? HeadReference(parsing: argument), let head = registry.head(reference) else {
                throw ValueFunctionFile.missing(argument)
            }
            found = NamedHead(name: head.description.name, path: nil, valueFunction: head.valueFunction)
        }
        let width = generator.model.configuration.hiddenSize
        guard found.valueFunction.hiddenSize == width else {
            throw CommandError(
                "'\(argument)' reads states of \(found.valueFunction.hiddenSize) numbers, the model has \(width); --model names the one it was trained on"
            )
        }
        let (site, layerCount) = (found.valueFunction.site, generator.model.configuration.layerCount)
        guard site.exists(layerCount: layerCount) else {
            throw CommandError(
                "'\(argument)' is for the site '\(site)', and the model's blocks are 'layer.0' to 'layer.\(layerCount - 1)'; --model names the one it was trained on"
            )
        }
        return found
    }

    /// What steers as `--control` says. A head in it may be the path of a file.
    func controller(_ argument: String) throws -> Controller {
        guard !ValueFunctionFile.exists(argument) else {
            let head = try head(argument)
            return try head.controller(settings: try settings(of: head, control: nil), grams: grams)
        }
        let fields = try ControlArgument.parse(argument)
        guard case .string(let name)? = fields["head"] else {
            throw CommandError("--control: name one value function as \"head\", such as '{\"head\": \"NAME\"}'")
        }
        let head = try head(name)
        return try head.controller(settings: try settings(of: head, fields: fields), grams: grams)
    }

    /// How strongly a head steers: as `--control` says, over the head's metadata, over the defaults.
    func settings(of head: NamedHead, control argument: String?) throws -> ControlSettings {
        guard let argument else { return try ControlSettings.from(metadata: head.valueFunction.metadata) }
        return try settings(of: head, fields: try ControlArgument.parse(argument))
    }

    private func settings(of head: NamedHead, fields: JSONValue) throws -> ControlSettings {
        guard case .object(var members) = fields else {
            throw CommandError("--control: not a JSON object; write '{\"head\": \"NAME\", \"steps\": 30}', or a name alone")
        }
        // A path is no name; all other fields are decoded as over HTTP.
        members[JSONKey("head")] = .string("head")
        let request = try ControlRequest(.object(members), limits: limits)
        return request.settings(inherited: try ControlSettings.from(metadata: head.valueFunction.metadata))
    }
}

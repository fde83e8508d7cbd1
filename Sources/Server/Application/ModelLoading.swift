import Foundation
import Inference
import Logging

/// Loads the configured models and starts their workers.
package enum ModelLoading {
    /// Loads each model.
    package static func load(_ settings: [ModelSettings], logger: Logger) throws -> [LoadedModel] {
        try settings.map { model in
            guard FileManager.default.fileExists(atPath: model.path) else {
                throw ServeError.noModelFile(id: model.id, path: model.path)
            }
            let loaded: LoadedModel
            do {
                loaded = try LoadedModel.load(
                    path: model.path,
                    id: model.id,
                    context: model.context,
                    packsWeights: model.packedWeights,
                    quantization: model.quantization
                )
            } catch {
                throw ServeError.cannotLoad(id: model.id, path: model.path, error)
            }
            if let context = model.context, context > loaded.contextLength {
                logger.warning(
                    "models.\(model.id).context is \(context); the model was trained for \(loaded.contextLength), which is the most"
                )
            }
            logger.info("loaded \(model.id) from \(model.path)")
            if let packing = loaded.languageModel.packing {
                let (bytes, seconds) = (packing.byteCount / 1_000_000, String(format: "%.3f", packing.duration / .seconds(1)))
                logger.info("rearranged \(bytes) MB of weights of \(model.id) in \(seconds) s")
            }
            return loaded
        }
    }

    /// Starts the workers of every model.
    package static func start(_ models: [LoadedModel], configuration: ServerConfiguration, logger: Logger) throws -> WorkerPool {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let threads = configuration.threads ?? cores
        let specifications = zip(models, configuration.models).map { model, settings in
            ModelSpecification(
                model: model,
                workers: settings.workers,
                threads: settings.threads,
                keyValueBytes: settings.keyValueBytes
            )
        }
        var limits = PoolLimits(running: configuration.running, queued: configuration.queued, threads: threads)
        limits.readerTimeout = configuration.writeTimeout
        limits.cachesPrefixes = configuration.prefixCache
        return WorkerPool(models: specifications, limits: limits, logger: logger)
    }
}

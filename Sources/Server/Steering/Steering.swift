import Control
import Inference
import Logging
import Synchronization
import ValueRegistry

/// Turns a request's `control` object into a controller: finds the value functions, matches them to the model, settles the settings.
///
/// A controller holds the versions it was made from, so a request keeps them whatever is uploaded while it runs.
package final class Steering: Sendable {
    private let registry: ValueRegistry
    private let models: [LoadedModel]
    private let limits: Live<RequestLimits>
    private let grams: GramCache
    private let controllers: ControllerCache
    private let quarantine: HeadQuarantine
    private let warned = Mutex<Set<String>>([])
    private let logger: Logger

    /// - Parameters:
    ///   - registry: Where value functions are found.
    ///   - models: The loaded models.
    ///   - limits: What a request may ask for; a head's own metadata is held to it, too.
    ///   - gramCacheBytes: Memory for Gram matrices, and as much again for what recent requests steered with.
    ///   - quarantine: Which versions steer no more.
    ///   - logger: Where mismatches are told.
    package init(
        registry: ValueRegistry,
        models: [LoadedModel],
        limits: Live<RequestLimits>,
        gramCacheBytes: Int,
        quarantine: HeadQuarantine,
        logger: Logger
    ) {
        self.quarantine = quarantine
        self.registry = registry
        self.models = models
        self.limits = limits
        grams = GramCache(byteLimit: gramCacheBytes)
        controllers = ControllerCache(byteLimit: gramCacheBytes)
        self.logger = logger
    }

    /// The controller for a request on a model.
    package func controller(for request: ControlRequest, model: LoadedModel) async throws -> Controller {
        var heads: [(head: RegisteredHead, weight: Float)] = []
        for requested in request.heads {
            heads.append((try find(requested, model: model), requested.weight))
        }
        let settings = try settings(for: request, of: heads[0].head)
        let key = ControllerCache.Key(
            heads: heads.map { entry in
                ControllerCache.Key.Head(
                    name: entry.head.description.name,
                    version: entry.head.description.version,
                    sha256: entry.head.description.sha256,
                    weight: entry.weight
                )
            },
            settings: settings
        )
        if let controller = controllers.controller(for: key) { return controller }
        let weighted = heads.map { entry in
            WeightedHead(
                valueFunction: entry.head.valueFunction,
                weight: entry.weight,
                name: entry.head.description.name,
                version: entry.head.description.version
            )
        }
        // The first use of a value function computes its Gram matrix, which takes seconds where it is large.
        let controller = try await OffPool.run { [grams] in
            do throws(ControlError) {
                return try Controller(heads: weighted, settings: settings, grams: grams)
            } catch {
                throw APIError(error)
            }
        }
        return controllers.insert(controller, for: key)
    }

    /// Whether a version of a value function steers no more.
    func isQuarantined(_ head: HeadDescription) -> Bool {
        quarantine.contains(HeadQuarantine.Version(head))
    }

    /// Which models a value function may steer.
    package func binding(hiddenSize: Int, site: HiddenStateSite, sha256: String?) -> HeadBinding {
        HeadBinding(hiddenSize: hiddenSize, site: site, sha256: sha256, models: models.map(\.bindingModel))
    }

    /// The version that is to blame where the control of a request is not finite; nil where that may be the request's own doing, for it mixes value
    /// functions or goes beyond what one says itself.
    package func answerable(for request: ControlRequest, _ controller: Controller) -> HeadQuarantine.Version? {
        guard !request.isMixture, let head = controller.heads.first,
            let registered = registry.head(HeadReference(name: head.name, version: head.version)),
            var own = try? ControlSettings.from(metadata: registered.valueFunction.metadata)
        else { return nil }
        (own.klBudget, own.trace) = (controller.settings.klBudget, controller.settings.trace)
        return own == controller.settings ? HeadQuarantine.Version(registered.description) : nil
    }

    /// What is to be told whether the control of a request's answers was finite. However many answers it has, they count as one.
    package func watch(_ version: HeadQuarantine.Version?) -> @Sendable (Bool) -> Void {
        guard let version else { return { _ in } }
        let hasFailed = Flag()
        return { [self] isFinite in
            if isFinite {
                if !hasFailed.isSet { quarantine.noteFinite(version) }
            } else if hasFailed.set() {
                noteNotFinite(version)
            }
        }
    }

    private func noteNotFinite(_ version: HeadQuarantine.Version) {
        guard quarantine.note(version) else { return }
        logger.error(
            "\(version.name)@\(version.version) is quarantined: its control was not finite again and again; it steers no more until the server starts anew"
        )
    }

    private func find(_ requested: ControlRequest.Head, model: LoadedModel) throws -> RegisteredHead {
        guard let head = registry.head(requested.reference) else {
            throw APIError.notFound(
                requested.field,
                "There is no value function '\(requested.reference)'.",
                code: "head_not_found"
            )
        }
        guard !quarantine.contains(HeadQuarantine.Version(head.description)) else {
            throw APIError.conflict(
                requested.field,
                "The value function '\(head.description.name)@\(head.description.version)' is quarantined: its control was not finite again and again. "
                    + "Use another version.",
                code: "head_quarantined"
            )
        }
        let width = model.configuration.hiddenSize
        guard head.valueFunction.hiddenSize == width else {
            throw APIError.invalid(
                requested.field,
                "The value function '\(requested.reference)' reads states of \(head.valueFunction.hiddenSize) numbers, the model '\(model.id)' has \(width)."
            )
        }
        let (site, layerCount) = (head.valueFunction.site, model.configuration.layerCount)
        guard site.exists(layerCount: layerCount) else {
            throw APIError.invalid(
                requested.field,
                "The value function '\(requested.reference)' is for the site '\(site)'; the blocks of the model '\(model.id)' are 'layer.0' to 'layer.\(layerCount - 1)'."
            )
        }
        let binding = binding(hiddenSize: width, site: site, sha256: head.valueFunction.modelSHA256)
        guard binding.models.contains(model.id) else {
            let bound = binding.models.joined(separator: "', '")
            throw APIError.invalid(
                requested.field,
                "The value function '\(requested.reference)' was trained on the model '\(bound)' and steers no other."
            )
        }
        if let warning = binding.warning { warnOnce(head.description, model: model, warning: warning) }
        return head
    }

    private func warnOnce(_ head: HeadDescription, model: LoadedModel, warning: String) {
        let isNew = warned.withLock { $0.insert("\(head.name)@\(head.version) \(model.id)").inserted }
        guard isNew else { return }
        logger.warning("\(head.name)@\(head.version) steers \(model.id): \(warning)")
    }

    /// The request's settings over the head's own over the defaults; a mixture's heads have no say.
    private func settings(for request: ControlRequest, of head: RegisteredHead) throws -> ControlSettings {
        var inherited = ControlSettings()
        if !request.isMixture {
            do {
                inherited = try ControlSettings.from(metadata: head.valueFunction.metadata)
            } catch {
                throw APIError.invalid(
                    request.heads[0].field,
                    "The metadata of the value function '\(head.description.name)' cannot be used: \(error)"
                )
            }
        }
        let (settings, limits) = (request.settings(inherited: inherited), limits.value)
        guard settings.steps <= limits.steps else {
            throw APIError.invalid("control.steps", "'control.steps' must be an integer between 0 and \(limits.steps).")
        }
        guard settings.stepSize <= Float(limits.stepSize) else {
            throw APIError.invalid("control.step_size", "'control.step_size' must be at most \(limits.stepSize).")
        }
        return settings
    }
}

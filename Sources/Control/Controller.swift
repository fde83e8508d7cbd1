import Compute

/// Steers hidden states toward a higher value of a weighted sum of value functions, V = Σ wᵢVᵢ (RE-Control, arXiv:2406.05954, section 4).
///
/// For a state h it looks for the control signal u that raises V(h + u) - λ|u|², by gradient ascent from u = 0. Immutable and shared: a
/// row's result depends on the row and the controller alone.
public final class Controller: Sendable {
    /// The value functions and their weights.
    public let heads: [WeightedHead]
    /// How strongly to steer.
    public let settings: ControlSettings
    /// The width of the states.
    public let hiddenSize: Int
    /// Where in the model the states are.
    public let site: HiddenStateSite
    let path: any ControlPath

    /// Makes a controller.
    ///
    /// One hidden layer in every head, and Gram matrices that fit the cache's bound: the ascent is walked in the heads' hidden space.
    /// Otherwise every step is a forward and a backward pass.
    ///
    /// - Parameters:
    ///   - heads: at least one, all of one hidden size and one site.
    ///   - settings: within their ranges.
    ///   - grams: where Gram matrices are kept from one controller to the next.
    /// - Throws: ``ControlError``
    public init(heads: [WeightedHead], settings: ControlSettings, grams: GramCache) throws(ControlError) {
        guard let first = heads.first else { throw .noHeads }
        let sizes = Set(heads.map(\.valueFunction.hiddenSize))
        guard sizes.count == 1 else { throw .mixedHiddenSizes(sizes.sorted()) }
        let sites = Set(heads.map { "\($0.valueFunction.site)" })
        guard sites.count == 1 else { throw .mixedSites(sites.sorted()) }
        site = first.valueFunction.site
        if let bad = heads.first(where: { !$0.weight.isFinite }) { throw .badWeight(head: bad.name) }
        do { try settings.validate(site: site) } catch { throw .settings(error) }
        self.heads = heads
        self.settings = settings
        hiddenSize = first.valueFunction.hiddenSize
        path = HiddenSpacePath(heads: heads, grams: grams) ?? BackpropagationPath(heads: heads)
    }

    /// A controller that backpropagates whatever the heads are: what the hidden-space path is tested against.
    package init(backpropagating heads: [WeightedHead], settings: ControlSettings) {
        self.heads = heads
        self.settings = settings
        hiddenSize = heads.first?.valueFunction.hiddenSize ?? 0
        site = heads.first?.valueFunction.site ?? .finalNorm
        path = BackpropagationPath(heads: heads)
    }

    /// Whether the ascent is walked in the heads' hidden space, at a cost that hardly depends on the number of steps.
    package var usesHiddenSpace: Bool {
        path is HiddenSpacePath
    }

    /// How many bytes of weights and Gram matrices it holds, those that others hold as well included.
    package var byteCount: Int {
        let layers = heads.flatMap(\.valueFunction.layers)
        let units = usesHiddenSpace ? heads.reduce(0) { $0 + $1.valueFunction.layers[0].rows } : 0
        return MemoryLayout<Float>.stride * layers.reduce(units * units) { $0 + $1.rows * ($1.columns + 1) }
    }

    /// Moves one row of `states` in place: h becomes h + u.
    ///
    /// - Parameters:
    ///   - states: hidden states of the site, `hiddenSize` wide.
    ///   - row: which of them.
    ///   - workspace: scratch memory of the calling thread.
    /// - Returns: what was done. Where it is not finite, the row must not be used.
    public func steer(_ states: FloatMatrix, row: Int, workspace: ControlWorkspace) -> ControlOutcome {
        precondition(states.columns == hiddenSize, "states of another width")
        let (state, memory) = (states.pointer(row: row), workspace.lend(path.memorySize + paddedToCacheLine(hiddenSize)))
        path.open(0..<path.blockCount, state: state, settings: settings, memory: memory)
        let gradient = memory + path.memorySize
        path.gatherGradient(settings: settings, memory: memory, into: gradient)
        path.project(0..<path.blockCount, settings: settings, memory: memory, gradient: gradient)
        return path.finish(state: state, settings: settings, memory: memory)
    }

    /// V of one row of `states`.
    public func value(_ states: FloatMatrix, row: Int, workspace: ControlWorkspace) -> Float {
        precondition(states.columns == hiddenSize, "states of another width")
        return path.value(states.pointer(row: row), memory: workspace.lend(path.memorySize))
    }
}

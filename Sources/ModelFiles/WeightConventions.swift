/// How weights are stored, where formats differ. The defaults are GGUF's.
public struct WeightConventions: Sendable, Equatable {
    /// Whether the halves of Llama's queries and keys turn together, as they were trained; GGUF reorders their rows so that neighbours do.
    public var turnsHalves = false
    /// What is added to the gains of Gemma's norms, which are trained as differences from 1.
    public var gainOffset: Float = 0
    /// Whether a fused matrix has, for each key-value head, its queries, its key and its value (Falcon's newer architecture); GGUF has all queries
    /// first.
    public var groupsHeads = false

    /// GGUF's.
    public init() {}
}

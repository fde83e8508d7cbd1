/// The sizes and constants of a model: what its file's metadata says, checked.
public struct ModelConfiguration: Sendable, Equatable {
    /// The architecture's name in GGUF, such as `llama`.
    public let architecture: String
    /// How many transformer blocks there are.
    public let layerCount: Int
    /// The width of the residual stream, and of the hidden states that control moves.
    public let hiddenSize: Int
    /// The number of query heads.
    public let headCount: Int
    /// The number of key and value heads; it divides `headCount` (grouped-query attention).
    public let keyValueHeadCount: Int
    /// The width of one head.
    public let headSize: Int
    /// The width inside the feed-forward network.
    public let feedForwardSize: Int
    /// The number of tokens, and of logits.
    public let vocabularySize: Int
    /// How many positions the model was made for.
    public let contextLength: Int
    /// Added to the mean square before its root is taken, in RMSNorm.
    public let normEpsilon: Float
    /// How many positions back a token attends, itself included; nil for all of them (Mistral's sliding window).
    public let slidingWindow: Int?
    /// How positions turn queries and keys.
    public let rotary: RotaryConfiguration
}

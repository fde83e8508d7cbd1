import Inference

/// One sampled answer: a line of `rollouts.jsonl`.
public struct Rollout: Sendable, Codable, Equatable {
    /// Which of the folder's rollouts it is, from 0.
    public let index: Int
    /// What was asked.
    public let prompt: Prompt
    /// Which of the prompt's samples it is, from 0.
    public let sample: Int
    /// The seed of its sampling.
    public let seed: UInt64
    /// The answer.
    public let response: String
    /// The sampled tokens; an end-of-sequence token is among them.
    public let tokens: [Int32]
    /// Why it ended: `stop` or `length`.
    public let finishReason: String
    /// Which shard has its states, one for each token.
    public let shard: Int
    /// The row of the first of them.
    public let row: Int
    /// The mean of V before and after control; nil where nothing steered.
    public let valueBefore: Float?
    /// The mean of V after control; nil where nothing steered.
    public let valueAfter: Float?

    private enum CodingKeys: String, CodingKey {
        case index, prompt, sample, seed, response, tokens, shard, row
        case finishReason = "finish_reason"
        case valueBefore = "value_before"
        case valueAfter = "value_after"
    }
}

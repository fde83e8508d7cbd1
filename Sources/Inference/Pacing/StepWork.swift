/// What a step computed, as far as its time depends on it.
package struct StepWork {
    /// Sequences that decoded, a token each.
    package var decoding = 0
    /// Tokens of prompts.
    package var promptTokens = 0
    /// The sum of their positions.
    package var promptPositions = 0

    package init() {}

    /// Adds a piece of a prompt.
    package mutating func addPrompt(_ count: Int, from position: Int) {
        promptTokens += count
        promptPositions += count * position + count * (count - 1) / 2
    }
}

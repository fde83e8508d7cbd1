import Inference

/// Turns the events of one choice into chunks of a stream. One for each choice, for it may keep state between tokens.
package protocol ChoiceFormatter: Sendable {
    /// What the choice's stream begins with; nil for nothing.
    mutating func opening() -> [UInt8]?
    /// A piece of the prompt's log-probabilities.
    mutating func prompt(_ piece: [TokenLogprobs]) -> [UInt8]?
    /// One token; nil where there is nothing to show yet.
    mutating func token(_ token: GeneratedToken) -> [UInt8]?
    /// The chunk that carries the finish reason.
    mutating func closing(_ summary: GenerationSummary, control: ControlReport?) -> [UInt8]
}

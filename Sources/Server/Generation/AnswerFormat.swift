import Inference

/// How an API writes its answers: completions and chats differ here and nowhere else.
package protocol AnswerFormat: Sendable {
    associatedtype Formatter: ChoiceFormatter
    /// What every chunk repeats.
    var identity: AnswerIdentity { get }
    /// A formatter for the choice of that index.
    func formatter(index: Int) -> Formatter
    /// The whole answer, for a request that is not streamed.
    func answer(_ choices: [ChoiceResult], usage: Usage, control: ControlReport?) -> [UInt8]
    /// The chunk of token counts at a stream's end.
    func usageChunk(_ usage: Usage) -> [UInt8]
}

import Inference

/// How an API writes its answers: completions and chats differ here and nowhere else.
package protocol AnswerFormat: Sendable {
    associatedtype Formatter: ChoiceFormatter
    /// What every chunk repeats.
    var identity: AnswerIdentity { get }
    /// The `object` of a whole answer.
    static var answerObject: String { get }
    /// The `object` of a chunk.
    static var chunkObject: String { get }
    /// A formatter for the choice of that index.
    func formatter(index: Int) -> Formatter
    /// Writes one choice of a whole answer.
    func write(_ choice: ChoiceResult, to writer: inout JSONWriter)
}

extension AnswerFormat {
    /// The whole answer, for a request that is not streamed.
    package func answer(_ choices: [ChoiceResult], usage: Usage, control: ControlReport?) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            identity.write(to: &writer, object: Self.answerObject)
            writer.name("choices")
            writer.array { writer in
                for choice in choices { write(choice, to: &writer) }
            }
            writer.name("usage")
            usage.write(to: &writer)
            if let control {
                writer.name("control")
                control.write(to: &writer)
            }
        }
        return writer.bytes
    }

    /// The chunk of token counts at a stream's end.
    package func usageChunk(_ usage: Usage) -> [UInt8] {
        ServerSentEvents.event { writer in
            writer.object { writer in
                identity.write(to: &writer, object: Self.chunkObject)
                writer.name("choices")
                writer.array { _ in }
                writer.name("usage")
                usage.write(to: &writer)
            }
        }
    }
}

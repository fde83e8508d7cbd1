/// Why a generation ended, in OpenAI's words.
public enum FinishReason: String, Sendable {
    /// The model ended its answer, or a stop text appeared.
    case stop
    /// As many tokens as were asked for, or as the context holds.
    case length
}

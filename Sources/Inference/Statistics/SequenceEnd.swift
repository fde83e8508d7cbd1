/// How a sequence ended, for those who count.
public enum SequenceEnd: String, Sendable, CaseIterable {
    /// The model ended its answer, or a stop text appeared.
    case stop
    /// As many tokens as were asked for, or as the context holds.
    case length
    /// It failed, and its reader was told so.
    case error
    /// Its reader left.
    case cancelled

    /// How a sequence that was finished ended.
    init(_ reason: FinishReason) {
        switch reason {
        case .stop: self = .stop
        case .length: self = .length
        }
    }
}

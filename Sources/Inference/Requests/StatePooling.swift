/// How the hidden states of a prompt become one: at `final_norm`, the state behind the last norm.
public enum StatePooling: String, Sendable, CaseIterable {
    /// The mean of all positions' states.
    case mean
    /// The last position's state.
    case last
}

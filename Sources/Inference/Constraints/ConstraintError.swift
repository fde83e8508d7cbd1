/// Why a shape cannot hold a model's answers.
public enum ConstraintError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A node is a choice of itself, directly or through other choices.
    case endlessChoice
    /// There is no finite value of the shape, or none that the model's tokens can spell.
    case noValue
    /// The model has no token for a character that JSON is made of.
    case noToken(UInt8)

    /// One sentence.
    public var description: String {
        switch self {
        case .endlessChoice: "it refers to itself without end"
        case .noValue: "no finite value fits it"
        case .noToken(let byte): "the model has no token for the character '\(Character(UnicodeScalar(byte)))', which JSON needs"
        }
    }
}

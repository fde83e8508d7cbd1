/// Why a shape cannot hold a model's answers.
public enum ConstraintError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A node is a choice of itself, directly or through other choices.
    case endlessChoice
    /// Choices within choices come to too many nodes.
    case tooManyChoices
    /// Every value is nested deeper than texts may be.
    case tooDeep
    /// There is no finite value of the shape, or none that the model's tokens can spell.
    case noValue
    /// The model has no token for a character that JSON is made of.
    case noToken(UInt8)

    /// One sentence.
    public var description: String {
        switch self {
        case .endlessChoice: "it refers to itself without end"
        case .tooManyChoices: "it has too many choices within choices"
        case .tooDeep: "every value that fits it is nested deeper than \(JSONShape.maximumDepth)"
        case .noValue: "no finite value fits it"
        case .noToken(let byte): "the model has no token for the character '\(Character(UnicodeScalar(byte)))', which JSON needs"
        }
    }
}

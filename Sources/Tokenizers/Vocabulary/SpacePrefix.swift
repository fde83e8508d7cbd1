/// Whether text gets a space in front, so that its first word is spelled as it is within a sentence.
package enum SpacePrefix: Sendable, Equatable {
    /// Never.
    case never
    /// Each text between special tokens.
    case always
    /// Each that does not begin with a space.
    case unlessThere
    /// What stands at the very beginning, and does not begin with a space.
    case firstUnlessThere

    /// Whether text behind a special token gets one, too.
    var isPutBehindSpecial: Bool {
        self == .always || self == .unlessThere
    }
}

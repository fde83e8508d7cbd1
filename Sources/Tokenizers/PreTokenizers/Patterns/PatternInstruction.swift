/// A step of a compiled ``WordPattern``. Steps only ever lead forward.
enum PatternInstruction {
    /// As many scalars of the set of that number as there are, from `minimum` to `maximum`.
    ///
    /// - givesBack: whether fewer are tried where the rest does not match.
    case scalars(set: Int, minimum: Int, maximum: Int, givesBack: Bool)
    /// The first of these places from which the rest matches.
    case choose([Int])
    case jump(Int)
    case lookahead(set: Int, isNegated: Bool)
    case end
    case match
}

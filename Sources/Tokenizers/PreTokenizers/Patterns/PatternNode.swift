/// A part of a regular expression.
indirect enum PatternNode {
    /// As many scalars of a set as there are, from `minimum` to `maximum`; fewer where what follows wants some, unless it is possessive.
    case scalars(ScalarSet, minimum: Int, maximum: Int, isPossessive: Bool)
    /// The first of some sequences that lets the rest match.
    case group([[PatternNode]], isOptional: Bool)
    /// The next scalar is in the set; or, negated, there is none or it is not.
    case lookahead(ScalarSet, isNegated: Bool)
    /// `$`: the end of the text or of a line.
    case end
}

/// How far one value is written, the values within it left to the frames above.
enum MatcherFrame: Hashable, Sendable {
    /// The text is whole; nothing can follow.
    case done
    /// A value of that node comes next.
    case value(node: Int)
    /// Within texts: those of a set from `lower` to before `upper` have what was read of them in common, `offset` bytes.
    case literals(set: Int, lower: Int, upper: Int, offset: Int)
    case string(node: Int, StringState)
    case number(node: Int, NumberState)
    /// An array whose opening bracket is to come.
    case array(node: Int)
    /// An array that can only be closed.
    case arrayEnd
    /// An array behind an item, the number of which this is.
    case arrayItem(node: Int, count: Int)
    /// An object whose opening brace is to come.
    case object(node: Int)
    /// An object that can only be closed.
    case objectEnd
    /// An object behind a member; `next` is the first property that may still come, `names` are the further ones it has.
    case objectMember(node: Int, next: Int, names: [[UInt8]])
    /// The name of a property beside the declared ones.
    case name(node: Int, names: [[UInt8]], text: [UInt8], StringState)
}

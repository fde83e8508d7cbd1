/// One way in which what was written so far may be read.
struct MatcherThread: Hashable, Sendable {
    let frame: MatcherFrame
    let below: MatcherStack?
    /// How many tokens are needed at most to make the text whole.
    let cost: Int

    static func == (left: MatcherThread, right: MatcherThread) -> Bool {
        left.frame == right.frame && left.below == right.below
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(frame)
        hasher.combine(below)
    }
}

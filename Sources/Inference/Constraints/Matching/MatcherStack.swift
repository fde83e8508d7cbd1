/// The values around the one that is being written, innermost first. Shared between the ways in which a text may go on.
final class MatcherStack: Hashable, Sendable {
    let frame: MatcherFrame
    let below: MatcherStack?
    /// How many tokens are needed at most to end all of these values.
    let cost: Int
    /// How many values these are.
    let depth: Int
    private let hash: Int

    init(_ frame: MatcherFrame, below: MatcherStack?, cost: Int) {
        self.frame = frame
        self.below = below
        self.cost = cost + (below?.cost ?? 0)
        depth = 1 + (below?.depth ?? 0)
        var hasher = Hasher()
        hasher.combine(frame)
        hasher.combine(below?.hash)
        hash = hasher.finalize()
    }

    static func == (left: MatcherStack, right: MatcherStack) -> Bool {
        var (first, second): (MatcherStack?, MatcherStack?) = (left, right)
        while let left = first, let right = second {
            if left === right { return true }
            guard left.hash == right.hash, left.frame == right.frame else { return false }
            (first, second) = (left.below, right.below)
        }
        return first == nil && second == nil
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(hash)
    }
}

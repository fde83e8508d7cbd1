/// Who judges answers in a comparison.
public struct Judges: Sendable {
    /// What the value function was trained on.
    public var reward: NamedJudge
    /// Judges that training never saw; win rates are the first one's.
    public var judges: [NamedJudge]
    /// Says how well an answer fits its prompt; nil for nobody.
    public var coherence: NamedJudge?

    /// Names them.
    public init(reward: NamedJudge, judges: [NamedJudge], coherence: NamedJudge?) {
        self.reward = reward
        self.judges = judges
        self.coherence = coherence
    }

    /// All of them.
    var all: [NamedJudge] {
        [reward] + judges + (coherence.map { [$0] } ?? [])
    }
}

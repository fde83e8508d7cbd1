/// A source of rewards under the name that a report gives it.
public struct NamedJudge: Sendable {
    /// The name.
    public let name: String
    /// The source.
    public let source: any RewardSource

    /// Names a source.
    public init(name: String, source: any RewardSource) {
        self.name = name
        self.source = source
    }
}

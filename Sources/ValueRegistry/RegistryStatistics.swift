/// What this process has changed in a registry since it opened it.
public struct RegistryStatistics: Sendable, Equatable {
    /// Versions that were stored.
    public internal(set) var uploads = 0
    /// Heads that were removed, with all their versions.
    public internal(set) var removals = 0
}

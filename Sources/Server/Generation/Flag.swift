import Synchronization

/// Something that happens once, seen by all tasks.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    /// Whether it has happened.
    var isSet: Bool { value.load(ordering: .acquiring) }

    /// Lets it happen.
    ///
    /// - Returns: whether it had not yet.
    @discardableResult
    func set() -> Bool { !value.exchange(true, ordering: .acquiringAndReleasing) }
}

import Synchronization

/// Something that happens once, seen by all tasks.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    /// Whether it has happened.
    var isSet: Bool { value.load(ordering: .acquiring) }

    /// Lets it happen.
    func set() { value.store(true, ordering: .releasing) }
}

/// The keys of blocks that came to be cached, and of those that no longer are, in order.
package struct PrefixChanges: Sendable {
    package private(set) var keys: [(key: UInt64, isCached: Bool)] = []

    package init() {}

    package var isEmpty: Bool {
        keys.isEmpty
    }

    package mutating func add(_ key: UInt64) {
        keys.append((key, true))
    }

    package mutating func remove(_ key: UInt64) {
        keys.append((key, false))
    }
}

import DequeModule
import Synchronization

/// What a worker's cache holds, by the keys of its blocks, for those that choose a worker. The engine tells it of changes once a step at most.
///
/// Prompts that were handed to the worker of late count as held, too: it will have read them by the time that another one comes to run.
package final class CachedPrefixes: Sendable {
    private struct State {
        var keys: Set<UInt64> = []
        var recent: Deque<[UInt64]> = []
    }

    /// How many prompts count as recent.
    private static let recentCount = 16
    private let state = Mutex(State())

    package init() {}

    /// How many of the blocks of a prompt, given by the keys of its chain, the worker holds or soon will.
    package func heldCount(_ chain: [UInt64]) -> Int {
        state.withLock { state in
            let cached = chain.firstIndex { !state.keys.contains($0) } ?? chain.count
            // A chain's key depends on all blocks before it: two chains have the same keys up to where they part.
            return state.recent.reduce(cached) { best, other in
                max(best, zip(chain, other).prefix { $0 == $1 }.count)
            }
        }
    }

    /// Notes a prompt that is handed to the worker.
    package func note(_ chain: [UInt64]) {
        guard !chain.isEmpty else { return }
        state.withLock { state in
            if state.recent.count >= Self.recentCount { state.recent.removeFirst() }
            state.recent.append(chain)
        }
    }

    /// Follows what the cache did.
    package func apply(_ changes: PrefixChanges) {
        state.withLock { state in
            for change in changes.keys {
                if change.isCached { state.keys.insert(change.key) } else { state.keys.remove(change.key) }
            }
        }
    }

    /// Forgets everything: the worker starts with an empty cache.
    package func removeAll() {
        state.withLock { $0 = State() }
    }
}

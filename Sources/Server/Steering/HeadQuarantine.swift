import Synchronization
import ValueRegistry

/// Versions of value functions that steer no more, for their control was not finite time after time, with the settings that are their own and without an
/// answer between that was.
///
/// That is a fault of the head, such as weights so large that they overflow; a single time may be one of the prompt's. What a request sets itself, and
/// what a mixture comes to, is no fault of a head and is not held against it, so that nobody can take a head from others by asking for the impossible.
/// It lasts until the process ends; another version begins without offences.
package final class HeadQuarantine: Sendable {
    /// A version of a value function.
    package struct Version: Sendable, Hashable {
        package let name: String
        package let version: Int
        package let sha256: String

        package init(name: String, version: Int, sha256: String) {
            self.name = name
            self.version = version
            self.sha256 = sha256
        }

        init(_ head: HeadDescription) {
            self.init(name: head.name, version: head.version, sha256: head.sha256)
        }
    }

    private let limit: Int
    private let offences = Mutex<[Version: Int]>([:])

    /// - Parameter limit: How many offences there may be before a version steers no more; 0: any number.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Notes that a version's control was finite to an answer's end. What was held against it before is forgotten.
    package func noteFinite(_ version: Version) {
        offences.withLock { offences in
            if limit == 0 || offences[version] ?? 0 < limit { offences[version] = nil }
        }
    }

    /// Notes that a version's control was not finite, for one request, however many answers it has.
    ///
    /// - Returns: Whether that is what ends its steering.
    package func note(_ version: Version) -> Bool {
        offences.withLock { offences in
            offences[version, default: 0] += 1
            return limit > 0 && offences[version] == limit
        }
    }

    /// Whether a version steers no more.
    package func contains(_ version: Version) -> Bool {
        limit > 0 && offences.withLock { $0[version] ?? 0 } >= limit
    }

    /// How many versions steer no more.
    package var count: Int {
        limit > 0 ? offences.withLock { $0.values.count { $0 >= limit } } : 0
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How many files and connections this process may have open at once.
package enum DescriptorLimit {
    /// What is open besides connections and the files of uploads: models, the registry, the results of batches, and what is kept for libraries.
    private static let others = 256

    /// Raises the limit, as far as the system lets this process, to what connections and the files that come over them can need.
    ///
    /// - Parameter connections: The most connections.
    /// - Returns: What to tell the operator where the system does not let it have as many as its connections need; else nil.
    package static func raise(connections: Int) -> String? {
        var limit = rlimit()
        #if os(Linux)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return nil }
        let wanted = rlim_t(clamping: connections) * 2 + rlim_t(others)
        if limit.rlim_cur < wanted {
            let before = limit.rlim_cur
            limit.rlim_cur = min(wanted, limit.rlim_max)
            if setrlimit(resource, &limit) != 0 { limit.rlim_cur = before }
        }
        guard limit.rlim_cur < rlim_t(clamping: connections) + rlim_t(others) else { return nil }
        return
            "the system lets this process have \(limit.rlim_cur) files open, too few for limits.connections (\(connections)): some may have to wait"
    }
}

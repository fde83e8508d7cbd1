#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The file descriptors that connections leave to the rest of the process: for the files that requests need, and for what the system's libraries
/// open by themselves. libdispatch opens one of /proc each second to see which of its threads run, and ends the process where it cannot.
enum DescriptorReserve {
    /// How many are left at most; of a process that may have few, a quarter.
    private static let most = 64

    /// Whether another connection would take of the reserve.
    static var isReached: Bool {
        var limit = rlimit()
        #if os(Linux)
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return false }
        #else
        guard getrlimit(RLIMIT_NOFILE, &limit) == 0 else { return false }
        #endif
        let all = Int(clamping: limit.rlim_cur)
        // The system gives the lowest that is free: those below it are in use.
        let next = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard next >= 0 else { return errno == EMFILE || errno == ENFILE }
        close(next)
        return Int(next) >= all - min(most, all / 4)
    }
}

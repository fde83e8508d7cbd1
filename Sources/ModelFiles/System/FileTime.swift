#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A point in time as file systems note it.
package struct FileTime: Sendable, Hashable, Comparable {
    /// Whole seconds since 1970.
    package let seconds: Int
    /// Nanoseconds beyond them.
    package let nanoseconds: Int

    /// When a file's content was last changed.
    package init(modificationOf status: stat) {
        #if canImport(Darwin)
        let time = status.st_mtimespec
        #else
        let time = status.st_mtim
        #endif
        (seconds, nanoseconds) = (Int(time.tv_sec), Int(time.tv_nsec))
    }

    package static func < (first: FileTime, second: FileTime) -> Bool {
        (first.seconds, first.nanoseconds) < (second.seconds, second.nanoseconds)
    }
}

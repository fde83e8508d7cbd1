import ModelFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Which directory was listed, and in what state: while its stamp stays the same and is old enough, so do the names in it.
struct DirectoryStamp: Hashable {
    private let device: UInt64
    private let file: UInt64
    private let changed: FileTime

    init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        file = UInt64(truncatingIfNeeded: status.st_ino)
        changed = FileTime(modificationOf: status)
    }

    /// Whether the directory was last changed well before now: file systems' clocks tick coarsely, so what changes soon after may leave the same stamp.
    var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return changed.seconds < Int(now.tv_sec) - 2
    }

    /// The stamp of a directory; nil where there is none.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        self.init(status)
    }
}

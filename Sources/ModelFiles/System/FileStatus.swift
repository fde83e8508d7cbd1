#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What is at a path.
enum FileStatus {
    /// Whether a folder is there, or a link to one.
    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether anything is there.
    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }
}

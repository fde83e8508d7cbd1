#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A file mapped read-only into memory. Its pages stay valid while the object lives and the file is not cut short.
public final class MappedFile: Sendable {
    /// Where the file was found.
    public let path: String
    /// The file's content. Borrowed: valid while the object lives.
    public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    /// Maps a regular file.
    ///
    /// - Throws: ``ModelFileError/system(path:operation:reason:)`` where there is no such file, it is not a regular one, or the system refuses.
    public init(path: String) throws(ModelFileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .lastSystemError(path, "open") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .lastSystemError(path, "read the size of") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .system(path: path, operation: "map", reason: "it is not a regular file") }
        self.path = path
        let size = Int(status.st_size)
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw .lastSystemError(path, "map")
        }
        bytes = UnsafeRawBufferPointer(start: base, count: size)
    }

    deinit {
        if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
    }
}

extension ModelFileError {
    /// The error that the last failed system call left in `errno`.
    static func lastSystemError(_ path: String, _ operation: String) -> ModelFileError {
        .system(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// An open file or directory, closed at the end of its life. Every method blocks, and names the file in what it throws.
package final class FileDescriptor: Sendable {
    /// The system's number for it.
    package let number: Int32
    /// What it was opened as.
    package let path: String

    /// Takes over an open descriptor.
    package init(number: Int32, path: String) {
        self.number = number
        self.path = path
    }

    /// Opens a file as the system's `open` does, for this process alone.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - flags: What of `open`; with `O_CREAT` others may read the file, and its owner write it.
    ///   - operation: What an error says could not be done.
    /// - Throws: ``ModelFileError/missingFile(path:operation:)``, or ``ModelFileError/system(path:operation:reason:)`` where the system refuses, or only
    ///   descriptors are left that are not for files.
    package convenience init(_ path: String, flags: Int32, operation: String) throws(ModelFileError) {
        // The system would read the name only as far as the NUL.
        guard !path.utf8.contains(0) else { throw .system(path: path, operation: operation, reason: "its name contains a NUL byte") }
        let number = open(path, flags | O_CLOEXEC, 0o644)
        guard number >= 0 else { throw .lastSystemError(path, operation) }
        self.init(number: number, path: path)
        // The last ones are for what the system's libraries open by themselves: libdispatch ends the process where it cannot look at its threads.
        guard number < Self.limit else {
            if flags & O_EXCL != 0 { unlink(path) }
            throw .system(path: path, operation: operation, reason: String(cString: strerror(EMFILE)))
        }
    }

    /// How many descriptors files may use: all but the last sixteen, of a process that may have few all but an eighth.
    private static var limit: Int {
        var limit = rlimit()
        #if os(Linux)
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        #else
        guard getrlimit(RLIMIT_NOFILE, &limit) == 0 else { return .max }
        #endif
        let all = Int(clamping: limit.rlim_cur)
        return all - min(16, all / 8)
    }

    /// Opens a file for reading; never waits, whatever the path names.
    package convenience init(forReading path: String) throws(ModelFileError) {
        try self.init(path, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY, operation: "open")
        guard try status().st_mode & S_IFMT == S_IFREG else {
            throw .system(path: path, operation: "read", reason: "it is not a regular file")
        }
    }

    /// Creates a file that was not there before.
    package convenience init(creating path: String) throws(ModelFileError) {
        try self.init(path, flags: O_RDWR | O_CREAT | O_EXCL, operation: "create")
    }

    /// Opens a directory.
    package convenience init(directory path: String) throws(ModelFileError) {
        try self.init(path, flags: O_RDONLY | O_DIRECTORY, operation: "open")
    }

    deinit {
        close(number)
    }

    /// What the system says of the file now.
    package func status() throws(ModelFileError) -> stat {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw .lastSystemError(path, "read the size of") }
        return status
    }

    /// Reads on from where the last read ended; 0 at the end.
    package func readNext(into buffer: UnsafeMutableRawBufferPointer) throws(ModelFileError) -> Int {
        while true {
            let count = read(number, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .lastSystemError(path, "read") }
            return count
        }
    }

    /// Reads bytes from a place in the file, whatever was read before; false where the file ends before all of them.
    package func fill(_ bytes: inout [UInt8], from offset: Int) throws(ModelFileError) -> Bool {
        var done = 0
        while done < bytes.count {
            let wanted = bytes.count - done
            let count = bytes.withUnsafeMutableBytes { pread(number, $0.baseAddress.map { $0 + done }, wanted, off_t(offset + done)) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .lastSystemError(path, "read") }
            if count == 0 { return false }
            done += count
        }
        return true
    }

    /// Writes all bytes on from where the last write ended.
    package func append(_ bytes: [UInt8]) throws(ModelFileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .lastSystemError(path, "write") }
            written += count
        }
    }

    /// Waits until the disk has everything.
    package func sync() throws(ModelFileError) {
        while fsync(number) != 0 {
            guard errno == EINTR else { throw .lastSystemError(path, "sync") }
        }
    }
}

extension ModelFileError {
    /// The error that the last failed system call left in `errno`.
    package static func lastSystemError(_ path: String, _ operation: String) -> ModelFileError {
        let code = errno
        return code == ENOENT
            ? .missingFile(path: path, operation: operation)
            : .system(path: path, operation: operation, reason: String(cString: strerror(code)))
    }

    /// Whether a disk, or what a user may have of it, is full.
    package var isOutOfSpace: Bool {
        isSystemError(ENOSPC, EDQUOT)
    }

    /// Whether this process may not do it: the disk is read-only, or what is on it others'.
    package var isForbidden: Bool {
        isSystemError(EROFS, EACCES, EPERM)
    }

    /// Whether this process, or the system, has as many files open as it may.
    package var isOutOfDescriptors: Bool {
        isSystemError(EMFILE, ENFILE)
    }

    private func isSystemError(_ codes: Int32...) -> Bool {
        guard case .system(_, _, let reason) = self else { return false }
        return codes.contains { String(cString: strerror($0)) == reason }
    }
}

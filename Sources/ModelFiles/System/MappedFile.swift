import CFaults

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A file mapped read-only into memory. Its pages stay valid while the object lives. Where the file is cut short meanwhile, pages that it has lost
/// read as zeros, and ``isDamaged`` says so; whoever reads much asks ``checkUnchanged()`` as well.
public final class MappedFile: Sendable {
    /// Where the file was found.
    public let path: String
    /// The file's content. Borrowed: valid while the object lives.
    public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    private let descriptor: FileDescriptor
    private let written: FileTime
    /// By which the handler of faults knows the mapping; -1 where it does not.
    private let guardNumber: Int32

    /// Maps a regular file.
    ///
    /// - Throws: ``ModelFileError/missingFile(path:operation:)``, or ``ModelFileError/system(path:operation:reason:)`` where it is not a
    ///   regular file or the system refuses.
    public init(path: String) throws(ModelFileError) {
        let descriptor = try FileDescriptor(forReading: path)
        let status = try descriptor.status()
        self.path = path
        self.descriptor = descriptor
        written = FileTime(modificationOf: status)
        let size = Int(status.st_size)
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            guardNumber = -1
            return
        }
        guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor.number, 0), base != MAP_FAILED else {
            throw .lastSystemError(path, "map")
        }
        bytes = UnsafeRawBufferPointer(start: base, count: size)
        guardNumber = mapping_guard_add(base, size)
    }

    deinit {
        mapping_guard_remove(guardNumber)
        if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
    }

    /// Whether bytes were read that the file no longer has: it was cut short, or its disk cannot be read. They were zeros.
    public var isDamaged: Bool {
        mapping_guard_is_damaged(guardNumber)
    }

    /// Gives the memory of whole pages within some bytes of the file back to the system. They stay readable: a later touch reads the file again.
    public func discardPages(of part: UnsafeRawBufferPointer) {
        guard let start = part.baseAddress, let base = bytes.baseAddress, start >= base, start + part.count <= base + bytes.count else {
            return
        }
        let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard pageSize > 0 else { return }
        let first = (start - base + pageSize - 1) / pageSize * pageSize
        let last = (start - base + part.count) / pageSize * pageSize
        guard first < last else { return }
        // Advice: where it is not taken, the pages go when the system needs their memory.
        madvise(UnsafeMutableRawPointer(mutating: base + first), last - first, MADV_DONTNEED)
    }

    /// Demands that nobody wrote to the file, or cut it short, since it was mapped, and that all that was read of it was there. A file that was replaced under its name is still this one.
    ///
    /// - Throws: ``ModelFileError/system(path:operation:reason:)`` that says what changed.
    public func checkUnchanged() throws(ModelFileError) {
        let status = try descriptor.status()
        guard Int(status.st_size) == bytes.count else {
            let reason = "its size changed from \(bytes.count) to \(status.st_size) bytes since it was opened"
            throw .system(path: path, operation: "read", reason: reason)
        }
        guard FileTime(modificationOf: status) == written else {
            throw .system(path: path, operation: "read", reason: "it was written to since it was opened")
        }
        guard !isDamaged else {
            throw .system(path: path, operation: "read", reason: "some of it was lost since it was opened; its disk may have failed")
        }
    }
}

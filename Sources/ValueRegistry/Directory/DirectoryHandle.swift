import ModelFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// An open directory. What is done through it is done to this very directory, whatever its path names by now: it may have been moved away and made
/// anew. Every method blocks, and throws ``ModelFileError/missingFile(path:operation:)`` once the directory is removed.
struct DirectoryHandle {
    private let descriptor: FileDescriptor

    private var path: String {
        descriptor.path
    }

    /// Opens a directory.
    init(_ path: String) throws(ModelFileError) {
        descriptor = try FileDescriptor(directory: path)
    }

    /// Makes a directory where there is none.
    ///
    /// - Returns: whether it was made.
    @discardableResult
    static func make(_ path: String) throws(ModelFileError) -> Bool {
        if mkdir(path, 0o755) == 0 { return true }
        let error = errno == EEXIST ? nil : ModelFileError.lastSystemError(path, "make the directory")
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw .system(path: path, operation: "make the directory", reason: "there is something else of that name")
            }
            return false
        }
        throw error ?? .lastSystemError(path, "make the directory")
    }

    /// The names in the directory, without those that are not valid UTF-8.
    func names() throws(ModelFileError) -> [String] {
        let number = openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .lastSystemError(path, "list") }
        guard let stream = fdopendir(number) else {
            let error = ModelFileError.lastSystemError(path, "list")
            close(number)
            throw error
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream), let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) else { break }
            let text = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            if let name = String(validatingCString: text), name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw .lastSystemError(path, "list") }
        return names
    }

    /// Which directory this is, and when something in it was last added, removed or renamed.
    func stamp() throws(ModelFileError) -> DirectoryStamp {
        DirectoryStamp(try descriptor.status())
    }

    /// Makes an empty file that was not there before.
    ///
    /// - Returns: whether it was made; otherwise there is one.
    func createEmpty(_ name: String) throws(ModelFileError) -> Bool {
        let number = openat(descriptor.number, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        if number < 0, errno == EEXIST { return false }
        guard number >= 0 else { throw .lastSystemError("\(path)/\(name)", "create") }
        close(number)
        return true
    }

    /// Renames a file from elsewhere to a name in this directory.
    func take(_ file: String, as name: String) throws(ModelFileError) {
        guard renameat(AT_FDCWD, file, descriptor.number, name) == 0 else { throw .lastSystemError("\(path)/\(name)", "rename a file to") }
    }

    /// Removes a file; one that is not there is fine.
    func remove(_ name: String) throws(ModelFileError) {
        guard unlinkat(descriptor.number, name, 0) == 0 || errno == ENOENT else { throw .lastSystemError("\(path)/\(name)", "remove") }
    }

    /// Waits until the disk has the directory's names.
    func sync() throws(ModelFileError) {
        try descriptor.sync()
    }
}

import ModelFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A file that is being written, locked by its writer while it lives, so that others can tell it from one that a killed writer left.
struct IncomingFile: ~Copyable {
    /// Where it is until it is renamed.
    let path: String
    private let descriptor: FileDescriptor

    /// Makes a file of a new name in a directory, and locks it.
    init(in directory: String) throws(ModelFileError) {
        var attempt = 0
        while true {
            let path = "\(directory)/\(getpid())-\(UInt64.random(in: 0 ... .max))"
            let descriptor = try FileDescriptor(creating: path)
            let isLocked = flock(descriptor.number, LOCK_EX | LOCK_NB) == 0
            // Where the file system knows no locks, nobody gets one, so nobody removes the file either.
            let isRefused = !isLocked && errno == EWOULDBLOCK
            // Between the two calls another process may have taken the file for abandoned: then it is locked or gone.
            if !isRefused, try descriptor.status().st_nlink > 0 {
                self.path = path
                self.descriptor = descriptor
                return
            }
            attempt += 1
            guard attempt < 100 else { throw .system(path: path, operation: "lock", reason: "others take it away again and again") }
        }
    }

    deinit {
        // Nothing is there any more where the file was renamed.
        unlink(path)
    }

    /// Writes the content, and waits until the disk has it.
    func write(_ bytes: [UInt8]) throws(ModelFileError) {
        try descriptor.append(bytes)
        try descriptor.sync()
    }

    /// Whether the file is still under the name it was made with.
    var isInPlace: Bool {
        access(path, F_OK) == 0
    }

    /// Removes a file that no writer holds.
    static func removeIfAbandoned(_ path: String) {
        guard let descriptor = try? FileDescriptor(forReading: path) else { return }
        if flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
    }
}

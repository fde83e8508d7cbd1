import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A folder for files that a target reads by name, in memory where the system has such a place.
struct ScratchFolder {
    /// Where it is.
    let path: String

    /// Makes a folder, which goes when the process ends, if it ends by itself.
    init() throws {
        path = Self.place
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: ScratchFolder.place) }
    }

    /// The one place of this process.
    private static var place: String {
        let root = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        return "\(root)/rudder-fuzz-\(getpid())"
    }

    /// Writes a file in place of what was there.
    ///
    /// - Returns: its path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) -> String {
        let file = "\(path)/\(name)"
        Oracle.succeed("a file can be written") { try Data(bytes).write(to: URL(fileURLWithPath: file)) }
        return file
    }
}

import Foundation
import ModelFiles

/// Files and folders that are as they were told to be once a call returns, also after a loss of power. Every method blocks.
enum DurableFiles {
    /// Makes a folder and those above it where they are missing.
    static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch let error as CocoaError {
            guard let code = systemCode(of: error) else { throw error }
            throw ModelFileError.system(path: path, operation: "make", reason: String(cString: strerror(code)))
        }
        try syncFolder(above(path))
    }

    /// The system's number of what Foundation names by a code of its own.
    private static func systemCode(of error: CocoaError) -> Int32? {
        switch error.code {
        case .fileWriteOutOfSpace: ENOSPC
        case .fileWriteVolumeReadOnly: EROFS
        case .fileWriteNoPermission: EACCES
        default: nil
        }
    }

    /// The names in a folder, in no order.
    static func names(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path)
    }

    /// Puts content in a file's place, whole or not at all.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        try replace(path) { try $0.append(bytes) }
    }

    /// Puts what is written in a file's place, whole or not at all.
    static func replace(_ path: String, by write: (FileDescriptor) throws -> Void) throws {
        let aside = "\(path).new"
        // One that a killed process left.
        unlink(aside)
        let folder = try FileDescriptor(directory: above(path))
        let file = try FileDescriptor(creating: aside)
        try write(file)
        try file.sync()
        guard rename(aside, path) == 0 else { throw ModelFileError.lastSystemError(aside, "rename") }
        try folder.sync()
    }

    /// Renames a file or a folder, in the place of a file of the new name.
    static func move(_ source: String, to target: String) throws {
        // All that it takes is taken before: what fails for want of a descriptor has changed nothing.
        let folders = try Set([above(target), above(source)]).map { try FileDescriptor(directory: $0) }
        guard rename(source, target) == 0 else { throw ModelFileError.lastSystemError(source, "rename") }
        for folder in folders { try folder.sync() }
    }

    /// Removes a file or a folder with all that is in it; one that is not there is fine.
    static func remove(_ path: String) throws {
        if try exists(path) { try FileManager.default.removeItem(atPath: path) }
    }

    /// Whether there is a file or a folder.
    ///
    /// - Throws: `ModelFileError` where the system cannot tell at the moment: what is made or removed in the place of what is missing must not meet what
    ///   is there.
    static func exists(_ path: String) throws -> Bool {
        try size(path) != nil
    }

    /// The whole content of a small file; nil where there is none.
    static func read(_ path: String) throws -> [UInt8]? {
        let file: FileDescriptor
        do { file = try FileDescriptor(forReading: path) } catch ModelFileError.missingFile { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(try file.status().st_size))
        guard try file.fill(&bytes, from: 0) else { throw ModelFileError.truncated(what: path, offset: bytes.count) }
        return bytes
    }

    /// Whether there is a folder of that name.
    ///
    /// - Throws: `ModelFileError` where the system cannot tell at the moment.
    static func isFolder(_ path: String) throws -> Bool {
        try status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    }

    /// The size of a file; nil where there is none.
    ///
    /// - Throws: `ModelFileError` where the system cannot tell at the moment.
    static func size(_ path: String) throws -> Int? {
        try status(path).map { Int($0.st_size) }
    }

    private static func status(_ path: String) throws -> stat? {
        var status = stat()
        guard stat(path, &status) != 0 else { return status }
        guard errno == ENOENT else { throw ModelFileError.lastSystemError(path, "look up") }
        return nil
    }

    /// Waits until the disk has a folder's names.
    static func syncFolder(_ path: String) throws {
        try FileDescriptor(directory: path).sync()
    }

    private static func above(_ path: String) -> String {
        let folder = (path as NSString).deletingLastPathComponent
        return folder.isEmpty ? "." : folder
    }
}

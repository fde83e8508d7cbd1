import Foundation

/// A file of lines that grows, and of which a line is either whole or, after a crash, cut off at its end and then removed.
final class AppendedFile {
    private let file: FileHandle
    private let path: String

    /// Opens a file for more lines behind its first ones.
    ///
    /// - Parameters:
    ///   - path: the file, made where there is none.
    ///   - length: how many of its bytes to keep.
    init(path: String, keeping length: Int) throws {
        self.path = path
        if !FileManager.default.fileExists(atPath: path), !FileManager.default.createFile(atPath: path, contents: nil) {
            throw LineError(path: path, line: nil, reason: "cannot be made")
        }
        guard let file = FileHandle(forUpdatingAtPath: path) else {
            throw LineError(path: path, line: nil, reason: "cannot be opened to write")
        }
        self.file = file
        try file.truncate(atOffset: UInt64(length))
        try file.seekToEnd()
    }

    deinit {
        try? file.close()
    }

    /// Takes back all but the first bytes.
    func truncate(to length: Int) throws {
        do {
            try file.truncate(atOffset: UInt64(length))
            try file.seekToEnd()
        } catch {
            throw LineError(path: path, line: nil, reason: "cannot be shortened: \(error.localizedDescription)")
        }
    }

    /// Waits until all lines are on the disk.
    func synchronize() throws {
        try append([])
    }

    /// Writes lines behind the others.
    ///
    /// - Parameters:
    ///   - lines: the lines, their ends included.
    ///   - isDurable: whether to wait until they are on the disk. If not, they outlive the process but perhaps not the machine's power.
    func append(_ lines: [UInt8], isDurable: Bool = true) throws {
        do {
            try file.write(contentsOf: Data(lines))
            if isDurable { try file.synchronize() }
        } catch {
            throw LineError(path: path, line: nil, reason: "cannot be written: \(error.localizedDescription)")
        }
    }
}

import Foundation
import ModelFiles

/// A file of lines that grows, and of which a line is either whole or, after a crash, cut off at its end and then removed.
final class AppendedFile {
    private let file: FileDescriptor

    /// Opens a file for more lines behind its first ones.
    ///
    /// - Parameters:
    ///   - path: the file, made where there is none.
    ///   - length: how many of its bytes to keep.
    init(path: String, keeping length: Int) throws(ModelFileError) {
        let number = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard number >= 0 else { throw .lastSystemError(path, "open to write") }
        file = FileDescriptor(number: number, path: path)
        try truncate(to: length)
    }

    /// Takes back all but the first bytes.
    func truncate(to length: Int) throws(ModelFileError) {
        guard ftruncate(file.number, off_t(length)) == 0, lseek(file.number, 0, SEEK_END) >= 0 else {
            throw .lastSystemError(file.path, "shorten")
        }
    }

    /// Waits until all lines are on the disk.
    func synchronize() throws(ModelFileError) {
        try file.sync()
    }

    /// Writes lines behind the others.
    ///
    /// - Parameters:
    ///   - lines: the lines, their ends included.
    ///   - isDurable: whether to wait until they are on the disk. If not, they outlive the process but perhaps not the machine's power.
    func append(_ lines: [UInt8], isDurable: Bool = true) throws(ModelFileError) {
        try file.append(lines)
        if isDurable { try file.sync() }
    }
}

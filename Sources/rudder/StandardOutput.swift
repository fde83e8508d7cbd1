import Foundation

/// Writes to standard output at once: a pipe or file would otherwise hold lines back until a buffer is full.
enum StandardOutput {
    /// Writes text as it is. Where nobody reads any more it is lost, which ends nothing.
    static func write(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}

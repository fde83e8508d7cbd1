import Foundation

/// Writes to standard error, where everything goes that is not a command's result.
enum StandardError {
    /// Its number.
    static let descriptor: Int32 = 2

    /// Writes text as it is. Where nobody reads any more it is lost, which ends nothing.
    static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}

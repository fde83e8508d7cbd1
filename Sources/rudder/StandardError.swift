import Foundation
import Server

/// Writes to standard error, where everything goes that is not a command's result.
enum StandardError {
    /// Its number.
    static let descriptor: Int32 = 2

    /// Writes text as it is. Where it cannot be written it is lost, which ends nothing.
    static func write(_ text: String) {
        _ = DescriptorOutput.write(Array(text.utf8), to: descriptor)
    }
}

import Foundation

/// A folder that lives as long as the value that holds it, removed with all it holds at the end.
public final class TemporaryDirectory: Sendable {
    /// The folder.
    public let url: URL

    /// Makes a new, empty folder under the system's temporary folder.
    public init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("rudder-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// Writes a new file of that text.
    ///
    /// - Returns: its path.
    public func file(_ text: String) throws -> String {
        let path = url.appendingPathComponent("\(UUID().uuidString).jsonl").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }
}

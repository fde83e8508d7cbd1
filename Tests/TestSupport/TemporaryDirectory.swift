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
}

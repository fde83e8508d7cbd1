import Foundation

/// Finds reference results: the folder `RUDDER_GOLDEN` names, else `../shared/golden` beside the checkout, else the copies under `Tests/Golden`.
public enum GoldenFiles {
    /// The root of the checkout, found from this source file's own path.
    public static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The folders that are searched, in order.
    public static var folders: [URL] {
        let named = ProcessInfo.processInfo.environment["RUDDER_GOLDEN"].map { [URL(fileURLWithPath: $0)] }
        return (named ?? [packageRoot.appendingPathComponent("../shared/golden")]) + [packageRoot.appendingPathComponent("Tests/Golden")]
    }

    /// The first existing file or folder of that relative path, for example `smollm2/chats.json`; nil where none of the folders has it.
    public static func url(_ relativePath: String) -> URL? {
        folders.map { $0.appendingPathComponent(relativePath).standardizedFileURL }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// Decodes a golden JSON file, or returns nil where it is absent.
    public static func json<Value: Decodable>(_ relativePath: String, as type: Value.Type = Value.self) throws -> Value? {
        guard let url = url(relativePath) else { return nil }
        return try JSONDecoder().decode(Value.self, from: Data(contentsOf: url))
    }

    /// A file of the repository itself, for example `Config/heads/sentiment.safetensors`.
    public static func repositoryFile(_ relativePath: String) -> URL {
        packageRoot.appendingPathComponent(relativePath)
    }

    /// The default model: `RUDDER_TEST_MODEL` if set, else where `make model` puts it. Nil where the file is absent; tests that need it then say so and skip.
    public static var model: URL? {
        let named = ProcessInfo.processInfo.environment["RUDDER_TEST_MODEL"].map { URL(fileURLWithPath: $0) }
        let url = named ?? packageRoot.appendingPathComponent(".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf")
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }
}

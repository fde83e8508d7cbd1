import Foundation

/// The `models` folder of llama.cpp's sources, with its vocabularies and chat templates: the folder `RUDDER_LLAMA_CPP_MODELS` names, else where
/// `make test` puts it.
public enum LlamaCppModels {
    /// Nil where the folder is absent; tests that need it then say so and skip.
    public static var folder: URL? {
        let named = ProcessInfo.processInfo.environment["RUDDER_LLAMA_CPP_MODELS"].map { URL(fileURLWithPath: $0) }
        let url = named ?? GoldenFiles.packageRoot.appendingPathComponent(".cache/llama.cpp/models")
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }
}

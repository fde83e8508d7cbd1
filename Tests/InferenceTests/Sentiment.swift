import Control
import ModelFiles
import TestSupport

/// Controllers of the repository's head.
enum Sentiment {
    static func controller(_ change: (inout ControlSettings) -> Void = { _ in }) throws -> Controller {
        let file = try SafetensorsFile(path: GoldenFiles.repositoryFile("Config/heads/sentiment.safetensors").path)
        let head = WeightedHead(valueFunction: try ValueFunction(file: file), weight: 1, name: "sentiment", version: 1)
        var settings = ControlSettings()
        change(&settings)
        return try Controller(heads: [head], settings: settings, grams: GramCache())
    }
}

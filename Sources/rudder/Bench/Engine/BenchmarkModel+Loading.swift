import Foundation
import ModelFiles
import Server
import Transformer

extension BenchmarkModel {
    /// Loads a model's weights.
    static func load(_ path: String) throws(ServeError) -> LanguageModel {
        let name = (path as NSString).lastPathComponent
        guard FileManager.default.fileExists(atPath: path) else { throw .noModelFile(id: name, path: path) }
        do {
            return try LanguageModel(source: ModelFormat.open(path: path))
        } catch {
            throw .cannotLoad(id: name, path: path, error)
        }
    }
}

import Foundation
import ModelFiles

/// The file `NAME.tuning.json`: everything that was tried, and what was chosen. An interrupted tuning goes on from it.
struct TuningRecord: Sendable, Codable {
    /// What was tuned on what.
    var identity: String
    /// What may be lost.
    var bounds: TuningBounds
    /// Everything tried, in order; the first is the model's own.
    var candidates: [TuningCandidate] = []
    /// What was chosen; nil until the end.
    var chosen: [String: Float]?

    /// Reads a file; nil where there is none of this identity.
    static func read(_ path: String, identity: String) -> TuningRecord? {
        guard let data = FileManager.default.contents(atPath: path),
            let found = try? JSONDecoder().decode(TuningRecord.self, from: data), found.identity == identity
        else { return nil }
        return found
    }

    /// Writes the file, whole or not at all.
    func write(_ path: String) throws {
        try AtomicFile.replace(path, with: try JSONDocument.bytes(self))
    }
}

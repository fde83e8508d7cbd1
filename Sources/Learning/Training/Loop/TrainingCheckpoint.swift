import Compute
import Foundation
import ModelFiles

/// The state of a training after its last whole epoch, in a file: one that was interrupted goes on from there.
struct TrainingCheckpoint {
    /// The file.
    let path: String
    /// What is trained, on what and how, in one text: a checkpoint of something else is passed over.
    let identity: String

    /// Writes the file.
    func save(
        _ parameters: NetworkParameters,
        _ best: NetworkParameters,
        _ optimizer: AdamOptimizer,
        reports: [EpochReport],
        bestEpoch: Int
    ) throws {
        var tensors: [SafetensorsWriter.Tensor] = []
        for (name, matrix) in matrices(parameters, best, optimizer) {
            tensors.append(.init(name: name, shape: [matrix.rows, matrix.columns], floats: matrix.values))
        }
        try SafetensorsWriter.write(
            tensors: tensors,
            metadata: [
                "identity": identity, "step": "\(optimizer.step)", "best_epoch": "\(bestEpoch)",
                "reports": String(decoding: try JSONLines.line(reports), as: UTF8.self),
            ],
            to: path
        )
    }

    /// Reads the file into the networks; nil where there is none of this identity.
    func restore(
        _ parameters: NetworkParameters,
        _ best: NetworkParameters,
        _ optimizer: AdamOptimizer
    ) throws -> (reports: [EpochReport], bestEpoch: Int)? {
        guard FileManager.default.fileExists(atPath: path), let file = try? SafetensorsFile(path: path),
            file.metadata["identity"] == identity, let step = file.metadata["step"].flatMap(Int.init),
            let bestEpoch = file.metadata["best_epoch"].flatMap(Int.init),
            let reports = try? JSONDecoder().decode([EpochReport].self, from: Data((file.metadata["reports"] ?? "").utf8)),
            (1...max(reports.count, 1)).contains(bestEpoch), !reports.isEmpty, step >= 0
        else { return nil }
        let found = matrices(parameters, best, optimizer)
        guard
            found.allSatisfy({ file.tensors[$0.name]?.shape == [$0.matrix.rows, $0.matrix.columns] && file.tensors[$0.name]?.type == .f32 })
        else { return nil }
        for (name, matrix) in found { matrix.setValues(try file.floats(name)) }
        optimizer.step = step
        return (reports, bestEpoch)
    }

    private func matrices(
        _ parameters: NetworkParameters,
        _ best: NetworkParameters,
        _ optimizer: AdamOptimizer
    ) -> [(name: String, matrix: FloatMatrix)] {
        [("parameters", parameters), ("best", best), ("m", optimizer.firstMoment), ("v", optimizer.secondMoment)].flatMap {
            prefix,
            network in
            zip(network.shape.names, network.layers).flatMap { name, layer in
                [("\(prefix).\(name).weight", layer.weight), ("\(prefix).\(name).bias", layer.bias)]
            }
        }
    }
}

import Control
import Foundation
import ModelFiles
import TestSupport

/// One case of RE-Control's optimization, computed in double precision with autograd.
struct GoldenControlCase: Decodable, CustomStringConvertible, Sendable {
    let file: String
    let layers: Int
    let steps: Int
    let stepSize: Float
    let regularization: Float
    let maxNorm: Float?
    let targetValue: Float?

    enum CodingKeys: String, CodingKey {
        case file, layers, steps, regularization
        case stepSize = "step_size"
        case maxNorm = "max_norm"
        case targetValue = "target_value"
    }

    /// The cases whose files are present.
    static func all() -> [GoldenControlCase] {
        let listed = try? GoldenFiles.json("control/cases.json", as: [GoldenControlCase].self)
        return (listed ?? nil)?.filter { GoldenFiles.url("control/\($0.file)") != nil } ?? []
    }

    var description: String {
        file
    }

    var settings: ControlSettings {
        var settings = ControlSettings()
        settings.steps = steps
        settings.stepSize = stepSize
        settings.regularization = regularization
        settings.maxNorm = maxNorm
        settings.targetValue = targetValue
        return settings
    }

    /// The head of the case's file, which holds other tensors as well.
    func head(_ tensors: SafetensorsFile) throws -> ValueFunction {
        let parameters = try tensors.tensors.values.filter { $0.name.hasPrefix("fc") }.map {
            SafetensorsWriter.Tensor(name: $0.name, shape: $0.shape, floats: try tensors.floats($0.name))
        }
        return try ValueFunction(file: SafetensorsFile(bytes: SafetensorsWriter.encode(tensors: parameters)))
    }
}

import Foundation
import Inference
import ModelFiles
import TestSupport

/// A copy of a model file with one number of a tensor of F32 replaced by none.
struct DamagedModel {
    let model: LoadedModel
    private let folder: TemporaryDirectory

    init(_ original: LoadedModel, tensor name: String, index: Int) throws {
        folder = try TemporaryDirectory()
        let url = folder.url.appendingPathComponent("damaged.gguf")
        try FileManager.default.copyItem(atPath: original.path, toPath: url.path)
        let place = try GGUFFile(path: original.path).tensor(name).bytes.lowerBound + 4 * index
        let file = try FileHandle(forWritingTo: url)
        try file.seek(toOffset: UInt64(place))
        try file.write(contentsOf: withUnsafeBytes(of: Float.nan.bitPattern.littleEndian) { Data($0) })
        try file.close()
        model = try LoadedModel.load(path: url.path, id: "damaged")
    }
}

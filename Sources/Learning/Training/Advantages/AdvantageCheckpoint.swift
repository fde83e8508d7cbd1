import Compute
import Foundation
import ModelFiles

/// The sums of the answers that are through, in a file: a correction that was interrupted goes on from there.
struct AdvantageCheckpoint {
    /// The file.
    let path: String
    /// What is summed up, in one text: a checkpoint of something else is passed over.
    let identity: String

    /// Writes the file.
    ///
    /// - Parameters:
    ///   - folds: the sums by fold.
    ///   - done: how many batches are in them.
    func save(_ folds: [AdvantageSums], done: Int) throws {
        var tensors: [SafetensorsWriter.Tensor] = []
        for (index, fold) in folds.enumerated() {
            for (path, name) in AdvantageSums.vectors { tensors.append(Self.tensor("\(index).\(name)", fold[keyPath: path])) }
            tensors.append(Self.tensor("\(index).scalars", fold.scalars))
        }
        try SafetensorsWriter.write(tensors: tensors, metadata: ["identity": identity, "done": "\(done)"], to: path)
    }

    /// Reads the file; nil where there is none of this identity.
    ///
    /// - Parameters:
    ///   - count: how many folds there are.
    ///   - width: D, the states' width.
    func restore(count: Int, width: Int) -> (folds: [AdvantageSums], done: Int)? {
        guard FileManager.default.fileExists(atPath: path), let file = try? SafetensorsFile(path: path),
            file.metadata["identity"] == identity, let done = file.metadata["done"].flatMap(Int.init), done >= 0
        else { return nil }
        var folds = [AdvantageSums](repeating: AdvantageSums(width: width), count: count)
        for index in folds.indices {
            for (path, name) in AdvantageSums.vectors {
                guard let found = Self.numbers("\(index).\(name)", in: file), found.count == folds[index][keyPath: path].count else {
                    return nil
                }
                folds[index][keyPath: path] = found
            }
            guard let scalars = Self.numbers("\(index).scalars", in: file), scalars.count == folds[index].scalars.count else { return nil }
            folds[index].scalars = scalars
        }
        return (folds, done)
    }

    private static func tensor(_ name: String, _ values: [Double]) -> SafetensorsWriter.Tensor {
        let bytes = values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
        return .init(name: name, type: .f64, shape: [values.count], bytes: bytes)
    }

    private static func numbers(_ name: String, in file: SafetensorsFile) -> [Double]? {
        guard file.tensors[name]?.type == .f64 else { return nil }
        return try? file.withBytes(of: name) { bytes in
            stride(from: 0, to: bytes.count, by: 8).map {
                Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self)))
            }
        }
    }
}

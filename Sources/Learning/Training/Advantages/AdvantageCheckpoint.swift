import Compute
import Foundation
import ModelFiles

/// The sums of the answers that are through, in a file: a correction that was interrupted goes on from there.
package struct AdvantageCheckpoint {
    /// The file.
    package let path: String
    /// What is summed up, in one text: a checkpoint of something else is passed over.
    let identity: String

    package init(path: String, identity: String) {
        self.path = path
        self.identity = identity
    }

    /// Writes the file.
    ///
    /// - Parameters:
    ///   - folds: the sums by fold.
    ///   - done: how many batches are in them.
    package func save(_ folds: [AdvantageSums], done: Int) throws {
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
    ///   - batches: how many batches there are.
    package func restore(count: Int, width: Int, batches: Int) -> (folds: [AdvantageSums], done: Int)? {
        guard FileManager.default.fileExists(atPath: path), let file = try? SafetensorsFile(path: path),
            file.metadata["identity"] == identity, let done = file.metadata["done"].flatMap(Int.init), (0...batches).contains(done)
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
            guard folds[index].isSound else { return nil }
        }
        return (folds, done)
    }

    private static func tensor(_ name: String, _ values: [Double]) -> SafetensorsWriter.Tensor {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 * values.count)
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
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

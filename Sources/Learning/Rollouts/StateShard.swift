import Compute
import ModelFiles

/// The states of some rollouts, mapped from their file.
final class StateShard: Sendable {
    static let tensorName = "states"

    /// How many states there are.
    let rowCount: Int
    private let file: SafetensorsFile

    /// Maps a shard.
    ///
    /// - Throws: ``RolloutError``
    init(path: String, hiddenSize: Int) throws(RolloutError) {
        do throws(ModelFileError) {
            file = try SafetensorsFile(path: path)
            let tensor = try file.tensor(Self.tensorName)
            guard tensor.type == .f16, tensor.shape.count == 2, tensor.shape[1] == hiddenSize else {
                throw .badTensor(name: tensor.name, reason: "is \(tensor.type.rawValue) \(tensor.shape), not F16 [rows, \(hiddenSize)]")
            }
            rowCount = tensor.shape[0]
        } catch {
            throw .badShard(path: path, reason: "\(error)")
        }
    }

    /// Copies rows into a matrix, as F32.
    ///
    /// - Parameters:
    ///   - rows: which; they must be there.
    ///   - matrix: as wide as a state.
    ///   - first: the matrix's row for the first of them.
    func copy(_ rows: Range<Int>, to matrix: FloatMatrix, at first: Int) throws(RolloutError) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "states that are not there")
        do throws(ModelFileError) {
            try file.withBytes(of: Self.tensorName) { bytes in
                matrix.setRows(first..<first + rows.count, toHalves: bytes, from: rows.lowerBound)
            }
        } catch {
            throw .file(error)
        }
    }
}

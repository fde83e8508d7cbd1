import Compute
import ModelFiles

extension LanguageModel {
    /// Reads every number of a model's tensors.
    ///
    /// - Throws: ``ModelError``: the tensor that holds one which is not finite, or is stored as nothing can read it.
    public static func checkNumbers(of source: any ModelSource) throws(ModelError) {
        do { try check(source) } catch { throw error.named(by: source) }
    }

    private static func check(_ source: any ModelSource) throws(ModelError) {
        for tensor in source.tensors.values.sorted(by: { ($0.file, $0.bytes.lowerBound) < ($1.file, $1.bytes.lowerBound) }) {
            let columns = tensor.shape.last ?? 1
            let rows = tensor.shape.dropLast().reduce(1, *)
            guard rows > 0, columns > 0 else { continue }
            let (bytes, file) = source.storage(of: tensor)
            guard let file else { throw .file(.missingTensor(tensor.name)) }
            let matrix: WeightMatrix
            do {
                matrix = try WeightMatrix(bytes: bytes, type: tensor.type, rows: rows, columns: columns, owner: file)
            } catch {
                throw .badShape(tensor: tensor.name, found: tensor.shape, expected: [rows, columns])
            }
            let isFinite = withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { values in
                (0..<rows).allSatisfy { row in
                    guard let base = values.baseAddress else { return false }
                    matrix.dequantize(row: row, into: base)
                    // A sum of what is 0 for every finite number.
                    return values.reduce(Float(0)) { $0 + $1 * 0 } == 0
                }
            }
            file.discardPages(of: bytes)
            guard isFinite else { throw .notFinite(tensor: tensor.name) }
        }
    }
}

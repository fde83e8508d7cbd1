import Compute
import ModelFiles

/// Hands out the tensors of a file by name, each checked against the shape its place has, and remembers which were taken.
struct TensorLoader {
    let file: GGUFFile
    private(set) var taken: Set<String> = []

    init(file: GGUFFile) {
        self.file = file
    }

    /// Whether the file has a tensor of that name.
    func has(_ name: String) -> Bool {
        file.tensors[name] != nil
    }

    /// A matrix of `rows` outputs and `columns` inputs, read in place.
    mutating func matrix(_ name: String, rows: Int, columns: Int) throws(ModelError) -> WeightMatrix {
        let tensor = try take(name, shape: [rows, columns])
        do {
            return try WeightMatrix(bytes: file.bytes(of: tensor), type: tensor.type, rows: rows, columns: columns, owner: file.file)
        } catch {
            throw .badShape(tensor: name, found: tensor.shape, expected: [rows, columns])
        }
    }

    /// A vector of a floating-point type, as F32: the gain of a norm.
    mutating func vector(_ name: String, count: Int) throws(ModelError) -> [Float] {
        let tensor = try take(name, shape: [count])
        guard tensor.type.blockSize == 1 else { throw .badType(tensor: name, found: tensor.type, expected: "F32, F16 or BF16") }
        return try matrixRow(tensor, count: count)
    }

    /// Refuses a file with tensors that nobody took.
    func finish(architecture: String) throws(ModelError) {
        if let left = file.tensors.keys.filter({ !taken.contains($0) }).min() {
            throw .unknownTensor(left, architecture: architecture)
        }
    }

    private mutating func take(_ name: String, shape: [Int]) throws(ModelError) -> TensorDescription {
        let tensor: TensorDescription
        do { tensor = try file.tensor(name) } catch { throw .file(error) }
        guard tensor.shape == shape else { throw .badShape(tensor: name, found: tensor.shape, expected: shape) }
        taken.insert(name)
        return tensor
    }

    private func matrixRow(_ tensor: TensorDescription, count: Int) throws(ModelError) -> [Float] {
        do {
            let matrix = try WeightMatrix(
                bytes: file.bytes(of: tensor),
                type: tensor.type,
                rows: 1,
                columns: count,
                owner: file.file
            )
            return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                if let base = buffer.baseAddress { matrix.dequantize(row: 0, into: base) }
                initialized = count
            }
        } catch {
            throw .badShape(tensor: tensor.name, found: tensor.shape, expected: [count])
        }
    }
}

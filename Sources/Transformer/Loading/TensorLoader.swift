import Compute
import ModelFiles

/// Hands out the tensors of a file by name, each checked against the shape its place has, and remembers which were taken.
struct TensorLoader {
    let file: GGUFFile
    /// Where packed matrices go; nil where all are to be read from the file.
    private let store: PanelStore?
    private(set) var taken: Set<String> = []

    init(file: GGUFFile, store: PanelStore?) {
        self.file = file
        self.store = store
    }

    /// Whether the file has a tensor of that name.
    func has(_ name: String) -> Bool {
        file.tensors[name] != nil
    }

    /// A matrix of `rows` outputs and `columns` inputs: packed where that helps products, and the file's pages then given back at once; else read
    /// in place.
    ///
    /// - Parameter isMultiplied: whether products will use it; a table that is only looked up in is left in the file.
    mutating func matrix(_ name: String, rows: Int, columns: Int, isMultiplied: Bool = true) throws(ModelError) -> WeightMatrix {
        try matrix(name, part: 0..<rows, of: rows, columns: columns, isMultiplied: isMultiplied)
    }

    /// Some rows of a matrix, as a matrix of their own: architectures that keep several matrices in one.
    ///
    /// - Parameters:
    ///   - part: which rows.
    ///   - rows: how many the file's matrix has.
    mutating func matrix(
        _ name: String,
        part: Range<Int>,
        of rows: Int,
        columns: Int,
        isMultiplied: Bool = true
    ) throws(ModelError) -> WeightMatrix {
        let tensor = try take(name, shape: [rows, columns])
        let (bytes, matrix): (UnsafeRawBufferPointer, WeightMatrix)
        do {
            let all = file.bytes(of: tensor)
            let rowBytes = all.count / rows
            bytes = UnsafeRawBufferPointer(rebasing: all[part.lowerBound * rowBytes..<part.upperBound * rowBytes])
            matrix = try WeightMatrix(bytes: bytes, type: tensor.type, rows: part.count, columns: columns, owner: file.file)
        } catch {
            throw .badShape(tensor: name, found: tensor.shape, expected: [rows, columns])
        }
        guard isMultiplied, let store else { return matrix }
        do {
            let packed = try matrix.packed(into: store)
            if packed.isPacked { file.file.discardPages(of: bytes) }
            return packed
        } catch {
            throw .memory(byteCount: error.byteCount)
        }
    }

    /// A vector of a floating-point type, as F32: the gain of a norm.
    mutating func vector(_ name: String, count: Int) throws(ModelError) -> [Float] {
        let tensor = try take(name, shape: [count])
        guard tensor.type.blockSize == 1 else { throw .badType(tensor: name, found: tensor.type, expected: "F32, F16 or BF16") }
        return try matrixRow(tensor, count: count)
    }

    /// Takes a tensor that is of no use, where the file has it.
    mutating func skip(_ name: String) {
        taken.insert(name)
    }

    /// What the file's metadata say under the architecture's name.
    func metadata(_ configuration: ModelConfiguration) -> MetadataReader {
        MetadataReader(file: file, prefix: configuration.architecture)
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

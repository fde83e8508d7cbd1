import Compute
import ModelFiles

/// Hands out the tensors of a model by name, each checked against the shape its place has, and remembers which were taken.
struct TensorLoader {
    let source: any ModelSource
    /// Where matrices go that are not read from the file as they are.
    private let store: PanelStore
    /// Whether quantized matrices are rearranged for the processor.
    private let packsWeights: Bool
    /// What floating-point matrices become; nil where they stay as they are.
    private let quantization: WeightQuantization?
    private(set) var taken: Set<String> = []

    init(source: any ModelSource, store: PanelStore, packsWeights: Bool, quantization: WeightQuantization? = nil) {
        self.source = source
        self.store = store
        self.packsWeights = packsWeights
        self.quantization = quantization
    }

    /// How the weights are stored, where formats differ.
    var conventions: WeightConventions {
        source.conventions
    }

    /// Whether the model has a tensor or a vector of that name.
    func has(_ name: String) -> Bool {
        source.tensors[name] != nil || source.vector(name) != nil
    }

    /// A matrix of `rows` outputs and `columns` inputs: packed where that helps products, and the file's pages then given back at once; else read
    /// in place.
    ///
    /// - Parameter isMultiplied: whether products will use it; a table that is only looked up in is left in the file.
    mutating func matrix(_ name: String, rows: Int, columns: Int, isMultiplied: Bool = true) throws(ModelError) -> WeightMatrix {
        try matrix(name, parts: [0..<rows], of: rows, columns: columns, isMultiplied: isMultiplied)
    }

    /// Some rows of a matrix, as a matrix of their own: architectures that keep several matrices in one.
    ///
    /// - Parameters:
    ///   - parts: which rows, at least one; several parts are copied together.
    ///   - rows: how many the file's matrix has.
    mutating func matrix(
        _ name: String,
        parts: [Range<Int>],
        of rows: Int,
        columns: Int,
        isMultiplied: Bool = true
    ) throws(ModelError) -> WeightMatrix {
        let tensor = try take(name, shape: [rows, columns])
        let (all, file) = source.storage(of: tensor)
        guard let file else { throw .file(.missingTensor(name)) }
        let rowBytes = all.count / rows
        var matrices: [WeightMatrix] = []
        for part in parts {
            let bytes = UnsafeRawBufferPointer(rebasing: all[part.lowerBound * rowBytes..<part.upperBound * rowBytes])
            do {
                matrices.append(try WeightMatrix(bytes: bytes, type: tensor.type, rows: part.count, columns: columns, owner: file))
            } catch {
                throw .badShape(tensor: name, found: tensor.shape, expected: [rows, columns])
            }
        }
        let type = quantization.flatMap { columns % $0.type.blockSize == 0 && tensor.type.blockSize == 1 ? $0 : nil }
        do {
            let rearranged = try WeightMatrix.rearranged(
                matrices,
                as: type,
                packing: isMultiplied && (packsWeights || type != nil),
                into: store
            )
            if rearranged.owner !== file {
                for part in parts {
                    file.discardPages(of: UnsafeRawBufferPointer(rebasing: all[part.lowerBound * rowBytes..<part.upperBound * rowBytes]))
                }
            }
            return rearranged
        } catch {
            throw .memory(byteCount: error.byteCount)
        }
    }

    /// A vector of a floating-point type, as F32: the gain of a norm.
    mutating func vector(_ name: String, count: Int) throws(ModelError) -> [Float] {
        if source.tensors[name] == nil, let values = source.vector(name) {
            guard values.count == count else { throw .badShape(tensor: name, found: [values.count], expected: [count]) }
            return values
        }
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
        MetadataReader(file: source, prefix: configuration.architecture)
    }

    /// Refuses a file with tensors that nobody took.
    func finish(architecture: String) throws(ModelError) {
        if let left = source.tensors.keys.filter({ !taken.contains($0) }).min() {
            throw .unknownTensor(left, architecture: architecture)
        }
    }

    private mutating func take(_ name: String, shape: [Int]) throws(ModelError) -> TensorDescription {
        let tensor: TensorDescription
        do { tensor = try source.tensor(name) } catch { throw .file(error) }
        guard tensor.shape == shape else { throw .badShape(tensor: name, found: tensor.shape, expected: shape) }
        taken.insert(name)
        return tensor
    }

    private func matrixRow(_ tensor: TensorDescription, count: Int) throws(ModelError) -> [Float] {
        let (bytes, file) = source.storage(of: tensor)
        guard let file else { throw .file(.missingTensor(tensor.name)) }
        do {
            let matrix = try WeightMatrix(bytes: bytes, type: tensor.type, rows: 1, columns: count, owner: file)
            return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                if let base = buffer.baseAddress { matrix.dequantize(row: 0, into: base) }
                initialized = count
            }
        } catch {
            throw .badShape(tensor: tensor.name, found: tensor.shape, expected: [count])
        }
    }
}

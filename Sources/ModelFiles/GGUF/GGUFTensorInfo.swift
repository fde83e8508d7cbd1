/// What a GGUF header says of one tensor, before its place is checked.
struct GGUFTensorInfo {
    let name: String
    let type: TensorType
    let shape: [Int]
    /// From the start of the data.
    let offset: UInt64

    /// The fewest bytes that an entry takes: an empty name, one dimension, a type and an offset.
    static let minimumSize = 8 + 4 + 8 + 4 + 8

    init(index: Int, _ cursor: inout GGUFCursor) throws(ModelFileError) {
        let name = try cursor.readName("the name of tensor \(index)")
        let dimensions = try cursor.read(UInt32.self, "the shape of tensor \(name.quoted)")
        guard (1...4).contains(dimensions) else {
            throw .badTensor(name: name, reason: "has \(dimensions) dimensions; expected 1 to 4")
        }
        var shape: [Int] = []
        for _ in 0..<dimensions {
            let size = try cursor.read(UInt64.self, "the shape of tensor \(name.quoted)")
            guard let size = Int(exactly: size), size > 0 else {
                throw .badTensor(name: name, reason: "has a dimension of \(size); expected 1 to \(Int.max)")
            }
            shape.insert(size, at: 0)
        }
        let number = try cursor.read(UInt32.self, "the type of tensor \(name.quoted)")
        guard let type = GGMLType.supported(number) else {
            throw .unsupportedType(
                tensor: name,
                type: GGMLType.name(number),
                supported: TensorType.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        self.name = name
        self.type = type
        self.shape = shape
        offset = try cursor.read(UInt64.self, "the offset of tensor \(name.quoted)")
    }
}

import Compute
import ModelFiles
import TestSupport

/// Rows of random weights of one type, with scales of a usual size, as the bytes a file would hold.
struct RandomWeights {
    let type: TensorType
    let rows: Int
    let columns: Int
    let bytes: [UInt8]

    init(_ type: TensorType, rows: Int, columns: Int, bytes: [UInt8]) {
        self.type = type
        self.rows = rows
        self.columns = columns
        self.bytes = bytes
    }

    init(_ type: TensorType, rows: Int, columns: Int, seed: UInt64) {
        var random = RandomNumbers(seed: seed)
        let blocks = rows * columns / type.blockSize
        var bytes: [UInt8] = []
        for _ in 0..<blocks {
            var block = random.bytes(type.bytesPerBlock)
            for offset in Self.scaleOffsets(type) { Self.store(Float16(random.floats(1, in: -0.1...0.1)[0]).bitPattern, &block, offset) }
            if type == .f32 {
                let bits = random.floats(1)[0].bitPattern
                Self.store(UInt16(truncatingIfNeeded: bits), &block, 0)
                Self.store(UInt16(bits >> 16), &block, 2)
            }
            if type == .bf16 { Self.store(UInt16(random.floats(1)[0].bitPattern >> 16), &block, 0) }
            bytes += block
        }
        self.init(type, rows: rows, columns: columns, bytes: bytes)
    }

    /// The same with quants, and packed scales, of the largest magnitude: every bit set, and -128 and 127 where quants are signed.
    func withExtremeQuants() -> RandomWeights {
        var bytes = bytes
        for block in 0..<bytes.count / type.bytesPerBlock {
            let halves = Self.scaleOffsets(type).flatMap { [$0, $0 + 1] }
            for offset in 0..<type.bytesPerBlock where !halves.contains(offset) {
                bytes[block * type.bytesPerBlock + offset] = type == .q8_0 ? (block % 2 == 0 ? 0x80 : 0x7f) : 0xff
            }
        }
        return RandomWeights(type, rows: rows, columns: columns, bytes: bytes)
    }

    var rowBytes: Int {
        columns / type.blockSize * type.bytesPerBlock
    }

    /// The weights as a matrix that owns a copy of the bytes.
    func matrix() throws -> WeightMatrix {
        let memory = WeightMemory(bytes)
        return try WeightMatrix(bytes: memory.bytes, type: type, rows: rows, columns: columns, owner: memory)
    }

    /// The weights as F32, row after row.
    func values() throws -> [Float] {
        let (matrix, row) = (try matrix(), FloatMatrix(rows: 1, columns: columns))
        return (0..<rows).flatMap { index in
            matrix.dequantize(row: index, into: row.pointer(row: 0))
            return row.row(0)
        }
    }

    private static func scaleOffsets(_ type: TensorType) -> [Int] {
        switch type {
        case .f32, .bf16: []
        case .f16, .q4_0, .q5_0, .q8_0: [0]
        case .q4_1, .q5_1, .q4_K, .q5_K: [0, 2]
        case .q6_K: [208]
        }
    }

    private static func store(_ half: UInt16, _ block: inout [UInt8], _ offset: Int) {
        block[offset] = UInt8(truncatingIfNeeded: half)
        block[offset + 1] = UInt8(half >> 8)
    }
}

import Compute
import ModelFiles
import Testing

@Suite("Weight matrix")
struct WeightMatrixTests {
    @Test("sizes that do not belong together are refused")
    func refusesBadSizes() {
        let memory = WeightMemory([UInt8](repeating: 0, count: 40))
        func make(_ rows: Int, _ columns: Int) throws -> WeightMatrix {
            try WeightMatrix(bytes: memory.bytes, type: .q4_1, rows: rows, columns: columns, owner: memory)
        }
        #expect(throws: Never.self) { try make(2, 32) }
        #expect(throws: WeightMatrixError.shape(rows: 0, columns: 32, blockSize: 32)) { try make(0, 32) }
        #expect(throws: WeightMatrixError.shape(rows: 2, columns: 40, blockSize: 32)) { try make(2, 40) }
        #expect(throws: WeightMatrixError.shape(rows: 1, columns: -32, blockSize: 32)) { try make(1, -32) }
        #expect(throws: WeightMatrixError.size(expected: 60, found: 40)) { try make(3, 32) }
        #expect(throws: WeightMatrixError.size(expected: .max, found: 40)) { try make(.max / 2, 64) }
    }
}

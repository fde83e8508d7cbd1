import Compute
import TestSupport
import Testing

@Suite("Float kernels")
struct FloatKernelsTests {
    @Test("matrix times vector, its transpose, and the Gram matrix are those of plain loops")
    func productsAreRight() {
        var random = RandomNumbers(seed: 11)
        let (rows, columns) = (13, 50)
        let (w, x, c) = (random.floats(rows * columns), random.floats(columns), random.floats(rows))
        var (y, z, g) = (
            [Float](repeating: 0, count: rows), [Float](repeating: 0, count: columns), [Float](repeating: 0, count: rows * rows)
        )
        w.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            let matrix = FloatRows(base, type: .f32, count: rows, columns: columns)
            matrix.multiply(x, into: &y)
            matrix.addTransposed(c, to: &z)
        }
        FloatKernels.gram(w, rows: rows, w, rows: rows, columns: columns, into: &g)
        for i in 0..<rows {
            let expected = (0..<columns).reduce(Float(0)) { $0 + w[i * columns + $1] * x[$1] }
            #expect(abs(y[i] - expected) < 1e-4)
            for j in 0..<rows {
                let expected = (0..<columns).reduce(Float(0)) { $0 + w[i * columns + $1] * w[j * columns + $1] }
                #expect(abs(g[i * rows + j] - expected) < 1e-3)
            }
        }
        for j in 0..<columns {
            let expected = (0..<rows).reduce(Float(0)) { $0 + w[$1 * columns + j] * c[$1] }
            #expect(abs(z[j] - expected) < 1e-4)
        }
    }

    @Test("rows of a matrix start on cache lines and keep what is written")
    func matrixRows() {
        let matrix = FloatMatrix(rows: 3, columns: 5)
        #expect((0..<3).allSatisfy { Int(bitPattern: matrix.pointer(row: $0)) % 64 == 0 })
        matrix.setRow(1, to: [1, 2, 3, 4, 5])
        matrix.copyRow(2, from: matrix, row: 1)
        matrix.withMutableRow(2) { $0[4] = 9 }
        #expect(matrix.row(0) == [0, 0, 0, 0, 0])
        #expect(matrix.row(1) == [1, 2, 3, 4, 5])
        #expect(matrix.withRow(2) { row in row[4] } == 9)
    }
}

import Compute
import Testing

@Suite("Rows of halves")
struct HalvesTests {
    @Test("rows are taken from anywhere in a block of halves, exactly, over whatever was there")
    func rows() {
        let columns = 37
        let values = (0..<5 * columns).map { Float16($0) / 8 - 3 }
        let matrix = FloatMatrix(rows: 4, columns: columns)
        for row in 0..<4 { matrix.setRow(row, to: [Float](repeating: 99, count: columns)) }
        values.map(\.bitPattern).withUnsafeBytes { matrix.setRows(1..<3, toHalves: $0, from: 2) }
        for row in 1..<3 {
            #expect(matrix.row(row) == values[(row + 1) * columns..<(row + 2) * columns].map(Float.init))
        }
        #expect(matrix.row(0) == [Float](repeating: 99, count: columns) && matrix.row(3) == matrix.row(0))
        let one = [Float16](repeating: 0.5, count: columns)
        matrix.setRow(3, toHalves: one.map(\.bitPattern))
        #expect(matrix.row(3) == [Float](repeating: 0.5, count: columns))
    }

    @Test("products are those that loops give, on some of the rows, into what is there or over it")
    func products() {
        let (m, k, n) = (5, 7, 3)
        func matrix(_ rows: Int, _ columns: Int, _ seed: Int) -> FloatMatrix {
            let matrix = FloatMatrix(rows: rows, columns: columns)
            for row in 0..<rows { matrix.setRow(row, to: (0..<columns).map { Float((row * 5 + $0 * 3 + seed) % 7 - 3) }) }
            return matrix
        }
        let (a, b) = (matrix(m, k, 1), matrix(n, k, 2))
        let c = matrix(m, n, 3)
        let before = (0..<m).map { c.row($0) }
        DenseProducts.multiply(a, byTransposed: b, rows: 4, into: c, adding: true)
        for row in 0..<m {
            for column in 0..<n {
                let product = (0..<k).reduce(Float(0)) { $0 + a.row(row)[$1] * b.row(column)[$1] }
                #expect(c.row(row)[column] == before[row][column] + (row < 4 ? product : 0))
            }
        }
        let d = matrix(m, k, 4)
        DenseProducts.multiply(c, by: b, rows: m, into: d)
        for row in 0..<m {
            for column in 0..<k { #expect(d.row(row)[column] == (0..<n).reduce(Float(0)) { $0 + c.row(row)[$1] * b.row($1)[column] }) }
        }
        let e = matrix(n, k, 5)
        let start = (0..<n).map { e.row($0) }
        DenseProducts.addProduct(transposed: c, a, rows: 3, to: e)
        for row in 0..<n {
            for column in 0..<k {
                #expect(e.row(row)[column] == start[row][column] + (0..<3).reduce(Float(0)) { $0 + c.row($1)[row] * a.row($1)[column] })
            }
        }
    }
}

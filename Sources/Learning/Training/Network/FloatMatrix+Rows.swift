import Compute

extension FloatMatrix {
    /// Lends every row to change, the first first.
    func forEachRow(_ body: (Int, inout MutableSpan<Float>) -> Void) {
        for index in 0..<rows { withMutableRow(index) { body(index, &$0) } }
    }

    /// All values, row after row.
    var values: [Float] {
        (0..<rows).flatMap { row($0) }
    }

    /// Overwrites all values.
    func setValues(_ values: [Float]) {
        for index in 0..<rows { setRow(index, to: Array(values[index * columns..<(index + 1) * columns])) }
    }
}

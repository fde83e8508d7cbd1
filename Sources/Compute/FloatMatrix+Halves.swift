extension FloatMatrix {
    /// Overwrites rows with half-precision numbers, row behind row.
    ///
    /// - Parameters:
    ///   - rows: which rows.
    ///   - halves: IEEE 754 binary16 in little-endian order, at least as many as the rows have values.
    package func setRows(_ rows: Range<Int>, toHalves halves: UnsafeRawBufferPointer) {
        precondition(halves.count >= rows.count * columns * 2, "too few halves")
        guard let base = halves.baseAddress, columns > 0 else { return }
        var (first, one) = (Int32(0), Float(1))
        for (place, row) in rows.enumerated() {
            let values = pointer(row: row)
            values.update(repeating: 0, count: columns)
            // 0 + 1 · x, by the kernel that reads halves.
            FloatRows(base + place * columns * 2, type: .f16, count: 1, columns: columns).add(&first, &one, count: 1, to: values)
        }
    }
}

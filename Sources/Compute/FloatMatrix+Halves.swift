extension FloatMatrix {
    /// Overwrites rows with half-precision numbers, row behind row.
    ///
    /// - Parameters:
    ///   - rows: which rows.
    ///   - halves: rows of as many values, IEEE 754 binary16 in little-endian order.
    ///   - first: which of those rows is the first to take.
    package func setRows(_ rows: Range<Int>, toHalves halves: UnsafeRawBufferPointer, from first: Int = 0) {
        precondition(first >= 0 && halves.count >= (first + rows.count) * columns * 2, "too few halves")
        guard let base = halves.baseAddress, columns > 0 else { return }
        var (number, one) = (Int32(0), Float(1))
        for (place, row) in rows.enumerated() {
            let values = pointer(row: row)
            values.update(repeating: 0, count: columns)
            // 0 + 1 · x, by the kernel that reads halves.
            FloatRows(base + (first + place) * columns * 2, type: .f16, count: 1, columns: columns).add(&number, &one, count: 1, to: values)
        }
    }

    /// Overwrites a row with half-precision numbers, as many as it has values.
    package func setRow(_ row: Int, toHalves halves: [UInt16]) {
        halves.withUnsafeBytes { setRows(row..<row + 1, toHalves: $0) }
    }
}

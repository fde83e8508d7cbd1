import ModelFiles

extension WeightMatrix {
    /// Some matrices of one type and width as one: themselves where there is one and nothing to do, else in memory of `store`.
    ///
    /// - Parameters:
    ///   - parts: the matrices, whose rows follow each other; at least one, none packed.
    ///   - quantization: what the weights become; nil to leave them as they are.
    ///   - packing: whether panels are wanted where they help.
    ///   - store: where rearranged weights go.
    /// - Throws: ``AllocationError`` where the system refuses the memory.
    public static func rearranged(
        _ parts: [WeightMatrix],
        as quantization: WeightQuantization?,
        packing: Bool,
        into store: PanelStore
    ) throws(AllocationError) -> WeightMatrix {
        guard let first = parts.first else { throw AllocationError(byteCount: 0) }
        if parts.count == 1, quantization == nil {
            return packing ? try first.packed(into: store) : first
        }
        let (rows, columns) = (parts.reduce(0) { $0 + $1.rows }, first.columns)
        let type = quantization?.type ?? first.type
        let writer = RowWriter(parts: parts, quantization: quantization, rowBytes: columns / type.blockSize * type.bytesPerBlock)
        guard packing, usesPanels(type, columns: columns, .best) else {
            let memory = try store.reserve(byteCount: rows * writer.rowBytes)
            writer.write(0..<rows, into: memory.base)
            let bytes = UnsafeRawBufferPointer(start: memory.base, count: rows * writer.rowBytes)
            guard let matrix = try? WeightMatrix(bytes: bytes, type: type, rows: rows, columns: columns, owner: memory.owner) else {
                throw AllocationError(byteCount: bytes.count)
            }
            return matrix
        }
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: panelRows * writer.rowBytes)
        defer { buffer.deallocate() }
        return try panels(of: type, rows: rows, columns: columns, into: store) { part in
            writer.write(part, into: buffer)
            return (UnsafePointer(buffer), writer.rowBytes)
        }
    }

    /// Writes rows of some matrices, one behind the other, as a file has them.
    private struct RowWriter {
        let parts: [WeightMatrix]
        let quantization: WeightQuantization?
        let rowBytes: Int

        func write(_ rows: Range<Int>, into bytes: UnsafeMutablePointer<UInt8>) {
            var start = 0
            for part in parts {
                for row in rows.clamped(to: start..<start + part.rows) {
                    part.write(row: row - start, as: quantization, into: bytes + (row - rows.lowerBound) * rowBytes)
                }
                start += part.rows
            }
        }
    }

    private func write(row: Int, as quantization: WeightQuantization?, into bytes: UnsafeMutablePointer<UInt8>) {
        guard let quantization else { return bytes.update(from: weights + row * stride, count: stride) }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { values in
            guard let base = values.baseAddress else { return }
            dequantize(row: row, into: base)
            quantization.quantize(base, count: columns, into: bytes)
        }
    }
}

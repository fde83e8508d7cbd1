import Compute

/// Where the rows of a batch find their keys and values in one layer of the cache. Plain pointers; valid during a forward pass.
struct CacheView {
    let keys: UnsafeMutablePointer<UInt16>
    let values: UnsafeMutablePointer<UInt16>
    /// The blocks of all sequences, one after the other.
    let blockTable: UnsafePointer<Int32>
    /// For each row, where in the table its sequence's blocks start.
    let blockOffsets: UnsafePointer<Int32>
    /// For each row, its position in its sequence.
    let positions: UnsafePointer<Int32>
    let blockStride: Int
    let blockShift: Int
    let headSize: Int

    /// A row's position.
    func position(row: Int) -> Int {
        Int(positions[row])
    }

    /// The pages of a row's sequence for one key-value head.
    func pages(row: Int, head: Int) -> CachePages {
        let offset = head * headSize << blockShift
        return CachePages(
            keys: keys + offset,
            values: values + offset,
            blocks: blockTable + Int(blockOffsets[row]),
            blockStride: blockStride,
            blockShift: blockShift,
            headSize: headSize
        )
    }

    /// How many rows from `row` on, before `end`, are successive positions of one sequence.
    func successiveRows(from row: Int, end: Int) -> Int {
        var last = row + 1
        while last < end, blockOffsets[last] == blockOffsets[row] { last += 1 }
        return last - row
    }
}

/// Where one head's keys and values of one sequence lie in one layer of the paged cache. Valid during a forward pass.
struct CachePages {
    let keys: UnsafeMutablePointer<UInt16>
    let values: UnsafeMutablePointer<UInt16>
    let blocks: UnsafePointer<Int32>
    let blockStride: Int
    let blockShift: Int
    let headSize: Int

    @inline(__always)
    private func offset(_ position: Int) -> Int {
        let inBlock = position & ((1 << blockShift) - 1)
        return Int(blocks[position >> blockShift]) * blockStride + inBlock * headSize
    }

    @inline(__always)
    func key(_ position: Int) -> UnsafeMutablePointer<UInt16> {
        keys + offset(position)
    }

    @inline(__always)
    func value(_ position: Int) -> UnsafeMutablePointer<UInt16> {
        values + offset(position)
    }
}

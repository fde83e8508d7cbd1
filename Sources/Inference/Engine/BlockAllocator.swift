/// Hands out the blocks of a KV cache. A block may have several owners, so that sequences can come to share a prefix.
struct BlockAllocator {
    private var free: [Int32]
    private var owners: [Int]

    /// All blocks are free; the first is handed out first.
    init(blockCount: Int) {
        free = (0..<Int32(clamping: max(blockCount, 0))).reversed()
        owners = [Int](repeating: 0, count: free.count)
    }

    /// How many blocks there are.
    var blockCount: Int {
        owners.count
    }

    /// How many nobody owns.
    var freeCount: Int {
        free.count
    }

    /// A block for one owner; nil where none is free.
    mutating func allocate() -> Int32? {
        guard let block = free.popLast() else { return nil }
        owners[Int(block)] = 1
        return block
    }

    /// One owner less for each of the blocks; the ones that nobody owns then are free.
    mutating func release(_ blocks: [Int32]) {
        for block in blocks.reversed() {
            owners[Int(block)] -= 1
            if owners[Int(block)] == 0 { free.append(block) }
        }
    }
}

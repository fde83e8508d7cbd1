/// Blocks in the order in which they were appended: a linked list over block numbers, so that any of them can be taken out at once.
struct BlockQueue {
    /// What stands behind and before each block; the last place is that of the queue's ends.
    private var next: [Int32]
    private var previous: [Int32]
    private(set) var count = 0

    private var ends: Int {
        next.count - 1
    }

    init(blockCount: Int) {
        next = [Int32](repeating: Int32(clamping: blockCount), count: blockCount + 1)
        previous = next
    }

    /// The block that was appended first; nil where there is none.
    var first: Int32? {
        count > 0 ? next[ends] : nil
    }

    /// Puts a block that is not in the queue at its end.
    mutating func append(_ block: Int32) {
        let last = previous[ends]
        next[Int(last)] = block
        previous[Int(block)] = last
        next[Int(block)] = Int32(ends)
        previous[ends] = block
        count += 1
    }

    /// Takes out a block that is in the queue.
    mutating func remove(_ block: Int32) {
        let (after, before) = (next[Int(block)], previous[Int(block)])
        next[Int(before)] = after
        previous[Int(after)] = before
        count -= 1
    }
}

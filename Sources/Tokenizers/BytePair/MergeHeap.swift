/// A binary heap of merges to come: the most urgent first, the leftmost of equals.
struct MergeHeap {
    /// Rank in the upper half, place in the lower.
    private var items: [UInt64] = []

    /// Takes all merges of a word at once.
    mutating func fill(_ ranks: [Int32]) {
        items.removeAll(keepingCapacity: true)
        for (place, rank) in ranks.enumerated() where rank != BytePairWorkspace.noRank { items.append(Self.item(rank, Int32(place))) }
        for parent in stride(from: items.count / 2 - 1, through: 0, by: -1) { sink(parent) }
    }

    mutating func push(rank: Int32, place: Int32) {
        items.append(Self.item(rank, place))
        var child = items.count - 1
        while child > 0, items[child] < items[(child - 1) / 2] {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> (rank: Int32, place: Int32)? {
        guard let first = items.first, let last = items.popLast() else { return nil }
        if !items.isEmpty {
            items[0] = last
            sink(0)
        }
        return (Int32(truncatingIfNeeded: first >> 32), Int32(truncatingIfNeeded: first))
    }

    private static func item(_ rank: Int32, _ place: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: rank)) << 32 | UInt64(UInt32(bitPattern: place))
    }

    private mutating func sink(_ start: Int) {
        let item = items[start]
        var parent = start
        while 2 * parent + 1 < items.count {
            var child = 2 * parent + 1
            if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
            guard items[child] < item else { break }
            items[parent] = items[child]
            parent = child
        }
        items[parent] = item
    }
}

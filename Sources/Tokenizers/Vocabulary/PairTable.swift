/// A hash table from pairs of numbers to pairs of numbers: open addressing, one cache line a look-up.
///
/// The hash has a seed of its own, so that no file can choose pairs that collide.
struct PairTable: Sendable {
    private struct Slot {
        var first: Int32 = 0
        var second: Int32 = 0
        /// Negative where the slot is empty.
        var rank: Int32 = -1
        var value: Int32 = 0
    }

    /// What a pair leads to.
    struct Entry {
        /// 0 or more.
        let rank: Int32
        let value: Int32
    }

    private var slots: [Slot]
    private var count = 0
    private let seed = UInt64.random(in: .min ... .max)

    /// - Parameter capacity: how many pairs are to come; more are taken too.
    init(capacity: Int) {
        var size = 16
        while size < capacity + capacity / 2 { size *= 2 }
        slots = [Slot](repeating: Slot(), count: size)
    }

    /// The slot that holds a pair, or the empty one where it belongs.
    @inline(__always)
    private func slot(_ first: Int32, _ second: Int32) -> Int {
        let key = UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
        let product = (key ^ seed).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        var index = Int(truncatingIfNeeded: product.high ^ product.low) & (slots.count - 1)
        while slots[index].rank >= 0, slots[index].first != first || slots[index].second != second {
            index = (index + 1) & (slots.count - 1)
        }
        return index
    }

    /// What the pair leads to; nil where it was never inserted.
    @inline(__always)
    func find(_ first: Int32, _ second: Int32) -> Entry? {
        let found = slots[slot(first, second)]
        return found.rank >= 0 ? Entry(rank: found.rank, value: found.value) : nil
    }

    /// Adds a pair; the first of equal pairs stays.
    mutating func insert(_ first: Int32, _ second: Int32, rank: Int32, value: Int32) {
        if (count + 1) * 4 > slots.count * 3 { grow() }
        let index = slot(first, second)
        guard slots[index].rank < 0 else { return }
        slots[index] = Slot(first: first, second: second, rank: max(rank, 0), value: value)
        count += 1
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        for entry in old where entry.rank >= 0 { slots[slot(entry.first, entry.second)] = entry }
    }
}

/// Candidates to draw a token from, with weights relative to the likeliest token's, which is 1.
struct Nucleus {
    /// In no particular order, but in the same one for the same logits.
    private(set) var entries: [TopSelection.Entry]

    /// The sum of the weights.
    var sum: Double {
        entries.reduce(0.0) { $0 + Double($1.value) }
    }

    /// Forgets the candidates; their memory stays.
    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
    }

    /// Adds a candidate.
    mutating func append(_ entry: TopSelection.Entry) {
        entries.append(entry)
    }

    /// Keeps the shortest run of the largest entries whose weights reach `share` of `sum`, never none. Sorts only the few that the cut falls
    /// among: entries larger than a pivot are kept or searched as a whole.
    mutating func keep(share: Float, of sum: Double) {
        guard share < 1 else { return }
        let wanted = sum * Double(share)
        var (low, high) = (0, entries.count)
        var kept = 0.0
        while high - low > 32 {
            let pivot = moveLarger(than: pivotPlace(low, high), low, high)
            let larger = entries[low..<pivot].reduce(0.0) { $0 + Double($1.value) }
            if kept + larger >= wanted {
                high = pivot
            } else {
                kept += larger + Double(entries[pivot].value)
                low = pivot + 1
                if kept >= wanted { high = low }
            }
        }
        entries[low..<high].sort { $1.isBelow($0) }
        while low < high, kept < wanted {
            kept += Double(entries[low].value)
            low += 1
        }
        entries.removeSubrange(max(low, min(1, entries.count))...)
    }

    /// The entry at a point from 0 to just below 1 of all their weights.
    func token(at point: Double) -> Int32? {
        var rest = point * sum
        for entry in entries {
            rest -= Double(entry.value)
            if rest < 0 { return entry.index }
        }
        return entries.last?.index
    }

    /// The median of the first, the middle and the last entry.
    private func pivotPlace(_ low: Int, _ high: Int) -> Int {
        let (first, middle, last) = (low, low + (high - low) / 2, high - 1)
        let (smaller, larger) = entries[first].isBelow(entries[middle]) ? (first, middle) : (middle, first)
        if entries[last].isBelow(entries[smaller]) { return smaller }
        return entries[larger].isBelow(entries[last]) ? larger : last
    }

    /// Brings the entries of a range that are larger than one of them to the range's front, and that one right behind them.
    ///
    /// - Returns: where that one is now.
    private mutating func moveLarger(than place: Int, _ low: Int, _ high: Int) -> Int {
        entries.swapAt(place, high - 1)
        let pivot = entries[high - 1]
        var end = low
        for index in low..<high - 1 where pivot.isBelow(entries[index]) {
            entries.swapAt(index, end)
            end += 1
        }
        entries.swapAt(end, high - 1)
        return end
    }
}

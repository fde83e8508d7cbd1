/// Memory that encoding uses again from word to word.
struct BytePairWorkspace {
    /// What each byte of the word has become; of a merged pair the left one counts.
    var symbols: [TokenID] = []
    /// The rank of the merge of each symbol with its right neighbour, or ``noRank``.
    var ranks: [Int32] = []
    /// What that merge gives.
    var merged: [TokenID] = []
    /// Neighbours in long words, or -1.
    var next: [Int32] = []
    var previous: [Int32] = []
    var heap = MergeHeap()

    /// No merge: later than any.
    static let noRank = Int32.max
}

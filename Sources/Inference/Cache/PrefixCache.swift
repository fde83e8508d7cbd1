/// Which full block of the KV cache holds the keys and values of which tokens after which others.
///
/// A block is found by a hash of its tokens and all before them, and taken only if its own tokens are the wanted ones and the block before
/// it is the wanted one: two texts of one hash never share a block, the later of them is just not cached.
struct PrefixCache {
    /// What a block holds; `identity` is 0 where it is not cached.
    private struct Entry {
        var key: UInt64 = 0
        var identity: UInt64 = 0
        var parent: UInt64 = 0
    }

    private let blockSize: Int
    private var entries: [Entry]
    /// The tokens of all blocks, one after the other.
    private var tokens: [Int32]
    private var blocks: [UInt64: Int32] = [:]
    private var lastIdentity: UInt64 = 0
    /// What has changed since ``takeChanges()``.
    private var changes = PrefixChanges()

    init(blockCount: Int, blockSize: Int) {
        self.blockSize = blockSize
        entries = [Entry](repeating: Entry(), count: blockCount)
        tokens = [Int32](repeating: 0, count: blockCount * blockSize)
        blocks.reserveCapacity(blockCount)
    }

    /// Whether a block is cached.
    func contains(_ block: Int32) -> Bool {
        entries[Int(block)].identity != 0
    }

    /// The block that holds these tokens after that chain; nil where none does.
    func find(after chain: BlockChain, tokens: ArraySlice<Int32>) -> CachedBlock? {
        let key = BlockChain.key(after: chain.key, tokens: tokens)
        guard let block = blocks[key], holds(block, tokens, after: chain) else { return nil }
        return CachedBlock(block: block, chain: BlockChain(key: key, last: entries[Int(block)].identity))
    }

    /// Makes a block, fully written and not cached yet, findable.
    ///
    /// - Returns: the block to find from now on, which is another one where those tokens were cached already; nil where another text has the
    ///   same hash.
    mutating func insert(_ block: Int32, after chain: BlockChain, tokens: ArraySlice<Int32>) -> CachedBlock? {
        let key = BlockChain.key(after: chain.key, tokens: tokens)
        if let other = blocks[key] {
            guard holds(other, tokens, after: chain) else { return nil }
            return CachedBlock(block: other, chain: BlockChain(key: key, last: entries[Int(other)].identity))
        }
        lastIdentity += 1
        entries[Int(block)] = Entry(key: key, identity: lastIdentity, parent: chain.last)
        blocks[key] = block
        for (place, token) in zip(Int(block) * blockSize..<(Int(block) + 1) * blockSize, tokens) { self.tokens[place] = token }
        changes.add(key)
        return CachedBlock(block: block, chain: BlockChain(key: key, last: lastIdentity))
    }

    /// Forgets what a block holds.
    mutating func remove(_ block: Int32) {
        let entry = entries[Int(block)]
        guard entry.identity != 0 else { return }
        entries[Int(block)] = Entry()
        blocks[entry.key] = nil
        changes.remove(entry.key)
    }

    /// What has changed since the last call.
    mutating func takeChanges() -> PrefixChanges? {
        guard !changes.isEmpty else { return nil }
        defer { changes = PrefixChanges() }
        return changes
    }

    private func holds(_ block: Int32, _ wanted: ArraySlice<Int32>, after chain: BlockChain) -> Bool {
        let first = Int(block) * blockSize
        return entries[Int(block)].parent == chain.last && tokens[first..<first + blockSize] == wanted
    }
}

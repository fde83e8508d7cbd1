/// Hands out the blocks of a KV cache. A block may have several owners, which share a prefix.
///
/// A block that is cached stays so when nobody owns it, until it is needed for something else: the one that was last owned longest ago goes
/// first. Whoever owns a block owns those before it too and lets go of them after it, so no block goes before those that follow it.
package struct BlockAllocator {
    private var free: [Int32]
    private var owners: [Int]
    /// Cached blocks that nobody owns.
    private var idle: BlockQueue
    /// Nil where prefixes are not cached.
    private var cache: PrefixCache?

    /// All blocks are free; the first is handed out first.
    package init(blockCount: Int, blockSize: Int, cachesPrefixes: Bool) {
        free = (0..<Int32(clamping: max(blockCount, 0))).reversed()
        owners = [Int](repeating: 0, count: free.count)
        idle = BlockQueue(blockCount: free.count)
        cache = cachesPrefixes ? PrefixCache(blockCount: free.count, blockSize: blockSize) : nil
    }

    /// How many blocks there are.
    package var blockCount: Int {
        owners.count
    }

    /// How many nobody owns.
    package var freeCount: Int {
        free.count + idle.count
    }

    /// How many of those hold a prefix that can be found.
    package var idleCount: Int {
        idle.count
    }

    /// Whether prefixes are cached.
    package var cachesPrefixes: Bool {
        cache != nil
    }

    /// Whether somebody owns a block.
    package func isOwned(_ block: Int32) -> Bool {
        owners[Int(block)] > 0
    }

    /// A block for one owner, who may write it; nil where every block is owned.
    package mutating func allocate() -> Int32? {
        if let block = free.popLast() {
            owners[Int(block)] = 1
            return block
        }
        guard let block = idle.first else { return nil }
        idle.remove(block)
        cache?.remove(block)
        owners[Int(block)] = 1
        return block
    }

    /// One owner less for each of the blocks of a sequence, in order.
    package mutating func release(_ blocks: [Int32]) {
        for block in blocks.reversed() { release(block) }
    }

    private mutating func release(_ block: Int32) {
        owners[Int(block)] -= 1
        guard owners[Int(block)] == 0 else { return }
        if cache?.contains(block) == true { idle.append(block) } else { free.append(block) }
    }

    /// The cached block that holds these tokens after that chain; nil where none does.
    package func find(after chain: BlockChain, tokens: ArraySlice<Int32>) -> CachedBlock? {
        cache?.find(after: chain, tokens: tokens)
    }

    /// One owner more for a cached block.
    package mutating func share(_ block: Int32) {
        if owners[Int(block)] == 0 { idle.remove(block) }
        owners[Int(block)] += 1
    }

    /// Makes a block, fully written by its one owner, findable.
    ///
    /// - Returns: the block that the owner has from now on, another one where the same tokens were cached already; nil where it cannot be cached.
    package mutating func publish(_ block: Int32, after chain: BlockChain, tokens: ArraySlice<Int32>) -> CachedBlock? {
        guard let found = cache?.insert(block, after: chain, tokens: tokens) else { return nil }
        if found.block != block {
            share(found.block)
            release(block)
        }
        return found
    }

    /// What the cache came to hold, and no longer holds, since the last call; nil for nothing.
    package mutating func takeChanges() -> PrefixChanges? {
        cache?.takeChanges()
    }
}

import DequeModule

/// Who goes into the next batch: policy only.
///
/// Running sequences that decode come first, a token each; what is left of the step's budget goes to prefills, first come, first served. When the
/// cache has no block left, those whose readers have stopped reading give theirs back, then the sequence that came last, which waits to be
/// computed anew.
///
/// A sequence takes the blocks that the cache holds of its tokens, as far as it can, whenever it is about to compute the first token of a block.
/// Where another is just computing that block, it waits for it.
struct Scheduler {
    /// In the order in which they came.
    private(set) var waiting: Deque<Sequence> = []
    /// In the order in which they came.
    private(set) var running: [Sequence] = []
    /// How many sequences were taken out.
    private(set) var endedCount = 0
    /// How many tokens of prompts were taken in, and found in the cache.
    private(set) var prefixTotals = PrefixTotals()
    private var arrivals = 0
    private var allocator: BlockAllocator
    private let blockSize: Int
    private let maximumRunning: Int
    private let maximumTokens: Int

    init(blockCount: Int, blockSize: Int, cachesPrefixes: Bool, maximumRunning: Int, maximumTokens: Int) {
        allocator = BlockAllocator(blockCount: blockCount, blockSize: blockSize, cachesPrefixes: cachesPrefixes)
        self.blockSize = blockSize
        self.maximumRunning = maximumRunning
        self.maximumTokens = maximumTokens
    }

    /// Whether there is nothing to do.
    var isEmpty: Bool {
        waiting.isEmpty && running.isEmpty
    }

    /// How many blocks are in use.
    var usedBlocks: Int {
        allocator.blockCount - allocator.freeCount
    }

    /// How many blocks are not in use, but hold prefixes.
    var cachedBlocks: Int {
        allocator.idleCount
    }

    /// Puts a sequence at the end of the queue.
    mutating func add(_ sequence: Sequence) {
        arrivals += 1
        prefixTotals.promptTokens += sequence.request.prompt.count
        sequence.arrival = arrivals
        waiting.append(sequence)
    }

    /// Shows every sequence.
    func forEach(_ body: (Sequence) -> Void) {
        running.forEach(body)
        waiting.forEach(body)
    }

    /// Takes sequences out, wherever they are, and frees their blocks. Each is asked about once, for its answer may change meanwhile.
    mutating func remove(where isOut: (Sequence) -> Bool) -> [Sequence] {
        let removed = running.filter(isOut) + waiting.filter(isOut)
        guard !removed.isEmpty else { return [] }
        let leaving = Set(removed.map(ObjectIdentifier.init))
        running.removeAll { leaving.contains(ObjectIdentifier($0)) }
        waiting.removeAll { leaving.contains(ObjectIdentifier($0)) }
        for sequence in removed { free(sequence) }
        endedCount += removed.count
        return removed
    }

    /// Chooses the pieces of the next step and gives their sequences the blocks they need.
    mutating func schedule() -> [ScheduledPiece] {
        admit()
        var budget = maximumTokens
        var pieces: [ScheduledPiece] = []
        let ready = running.filter { !$0.isStalled }
        for sequence in ready.filter({ $0.pendingCount == 1 }) + ready.filter({ $0.pendingCount > 1 }) {
            // One that came before may have taken its place in the cache meanwhile.
            guard budget > 0, running.contains(where: { $0 === sequence }) else { continue }
            takeCachedBlocks(for: sequence)
            if let wanted = nextBlockTokens(of: sequence),
                pieces.contains(where: { isComputing($0.sequence, block: wanted, after: sequence.chain) })
            {
                continue
            }
            let count = reserve(min(budget, sequence.pendingCount), for: sequence, scheduled: pieces)
            guard count > 0 else { continue }
            pieces.append(ScheduledPiece(sequence: sequence, count: count))
            budget -= count
        }
        return pieces
    }

    /// Lets waiting sequences run while there is room for their tokens beside those that run; a lone one always runs.
    private mutating func admit() {
        while running.count < maximumRunning, let next = waiting.first {
            let needed = running.reduce(blocks(for: next.tokens.count + 1) - ownedCachedBlocks(for: next)) { sum, other in
                other.isStalled ? sum : sum + max(0, blocks(for: other.tokens.count + 1) - other.blocks.count)
            }
            while needed > allocator.freeCount, freeStalled() {}
            guard needed <= allocator.freeCount || running.allSatisfy(\.isStalled) else { return }
            waiting.removeFirst()
            takeCachedBlocks(for: next)
            running.insert(next, at: running.firstIndex { $0.arrival > next.arrival } ?? running.endIndex)
        }
    }

    /// Gets blocks for up to `count` further tokens of a sequence.
    ///
    /// - Returns: for how many tokens there is room.
    private mutating func reserve(_ count: Int, for sequence: Sequence, scheduled: [ScheduledPiece]) -> Int {
        let needed = blocks(for: sequence.computedCount + count)
        while sequence.blocks.count < needed {
            if let block = allocator.allocate() {
                sequence.blocks.append(block)
            } else if !makeRoom(for: sequence, scheduled: scheduled) {
                break
            }
        }
        return min(count, max(0, sequence.blocks.count * blockSize - sequence.computedCount))
    }

    /// Frees the blocks of a stalled sequence, else those of the last that came after this one and is not in this step yet.
    ///
    /// - Returns: whether there was one.
    private mutating func makeRoom(for sequence: Sequence, scheduled: [ScheduledPiece]) -> Bool {
        if freeStalled() { return true }
        let victim = running.last { other in
            other.arrival > sequence.arrival && !other.blocks.isEmpty && !scheduled.contains { $0.sequence === other }
        }
        guard let victim else { return false }
        running.removeAll { $0 === victim }
        free(victim)
        waiting.insert(victim, at: waiting.firstIndex { $0.arrival > victim.arrival } ?? waiting.endIndex)
        return true
    }

    /// Frees the blocks of a sequence whose reader has stopped reading: it keeps its place, and loses only time.
    ///
    /// - Returns: whether there was one.
    private mutating func freeStalled() -> Bool {
        guard let stalled = running.last(where: { $0.isStalled && !$0.blocks.isEmpty }) else { return false }
        free(stalled)
        return true
    }

    private mutating func free(_ sequence: Sequence) {
        allocator.release(sequence.blocks)
        sequence.dropBlocks()
    }

    private func blocks(for tokens: Int) -> Int {
        (tokens + blockSize - 1) / blockSize
    }

    // MARK: Prefixes

    /// Makes the blocks that a sequence has filled findable. For tokens that were computed without an error only.
    mutating func publishBlocks(of sequence: Sequence) {
        guard allocator.cachesPrefixes else { return }
        while let chain = sequence.chain, (sequence.cachedBlockCount + 1) * blockSize <= sequence.computedCount {
            let place = sequence.cachedBlockCount
            let tokens = sequence.tokens[place * blockSize..<(place + 1) * blockSize]
            sequence.noteCached(allocator.publish(sequence.blocks[place], after: chain, tokens: tokens))
        }
    }

    /// Gives a sequence that is about to compute the first token of a block the cached blocks of its next tokens.
    private mutating func takeCachedBlocks(for sequence: Sequence) {
        let cachedBefore = sequence.cachedPromptCount
        while let chain = sequence.chain, let tokens = nextBlockTokens(of: sequence),
            let found = allocator.find(after: chain, tokens: tokens)
        {
            allocator.share(found.block)
            sequence.take(found, blockSize: blockSize)
        }
        prefixTotals.cachedTokens += sequence.cachedPromptCount - cachedBefore
    }

    /// How many of the cached blocks that a waiting sequence will take are owned by others: they take no room.
    private func ownedCachedBlocks(for sequence: Sequence) -> Int {
        var (chain, count) = (BlockChain.start, 0)
        for first in stride(from: 0, through: sequence.shareableCount - blockSize, by: blockSize) {
            guard let found = allocator.find(after: chain, tokens: sequence.tokens[first..<first + blockSize]),
                allocator.isOwned(found.block)
            else { break }
            chain = found.chain
            count += 1
        }
        return count
    }

    /// Whether a sequence of this step computes the block of these tokens after that chain, so that waiting for it saves that.
    private func isComputing(_ sequence: Sequence, block tokens: ArraySlice<Int32>, after chain: BlockChain?) -> Bool {
        guard allocator.cachesPrefixes, chain != nil, sequence.chain == chain, sequence.tokens.count >= tokens.endIndex else {
            return false
        }
        return sequence.tokens[tokens.indices] == tokens
    }

    /// The tokens of a sequence's next block, if all of it may come from the cache and none of it is computed yet.
    private func nextBlockTokens(of sequence: Sequence) -> ArraySlice<Int32>? {
        let start = sequence.computedCount
        guard start == sequence.blocks.count * blockSize, start + blockSize <= sequence.shareableCount else { return nil }
        return sequence.tokens[start..<start + blockSize]
    }
}

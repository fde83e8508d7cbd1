import DequeModule

/// Who goes into the next batch: policy only.
///
/// Running sequences that decode come first, a token each; what is left of the step's budget, and of the time that those may be held up, goes
/// to prefills, first come, first served. When the cache has no block left, those whose readers have stopped reading give theirs back, then the
/// sequence that came last, which waits to be computed anew.
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
    /// The pieces of the next step, after ``schedule()``.
    private(set) var pieces: [ScheduledPiece] = []
    /// What the next step computes.
    private(set) var work = StepWork()
    private var pacer: StepPacer
    /// Cuts prefills anywhere, where a test wants to see that nothing depends on it.
    private var cuts: RandomSource?
    private var arrivals = 0
    private var allocator: BlockAllocator
    private let blockSize: Int
    private let maximumRunning: Int
    private let maximumTokens: Int

    init(limits: EngineLimits, blockCount: Int, blockSize: Int) {
        allocator = BlockAllocator(blockCount: blockCount, blockSize: blockSize, cachesPrefixes: limits.cachesPrefixes)
        pacer = StepPacer(maximumSequences: limits.running)
        cuts = limits.cutSeed.map(RandomSource.init)
        self.blockSize = blockSize
        maximumRunning = limits.running
        maximumTokens = limits.stepTokens
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

    /// Chooses the ``pieces`` of the next step and gives their sequences the blocks they need.
    mutating func schedule() {
        admit()
        pieces.removeAll(keepingCapacity: true)
        work = StepWork()
        addDecodes()
        addPrefills()
    }

    /// Adds a token of every sequence that decodes. Only one that came later gives its blocks to it: those before keep their places.
    private mutating func addDecodes() {
        var index = 0
        while index < running.count, pieces.count < maximumTokens {
            let sequence = running[index]
            if !sequence.isStalled, sequence.pendingCount == 1, reserve(1, for: sequence) == 1 {
                pieces.append(ScheduledPiece(sequence: sequence, count: 1))
            }
            index += 1
        }
        work.decoding = pieces.count
    }

    /// Adds pieces of prompts, as many tokens as there is room and time for; one at least, unless the step is to measure what it takes without.
    private mutating func addPrefills() {
        var budget = maximumTokens - pieces.count
        var seconds = pacer.promptSeconds(decoding: work.decoding)
        if seconds == 0 { return }
        var index = 0
        while index < running.count, budget > 0 {
            let sequence = running[index]
            index += 1
            guard !sequence.isStalled, sequence.pendingCount > 1 else { continue }
            takeCachedBlocks(for: sequence)
            if let wanted = nextBlockTokens(of: sequence),
                pieces.contains(where: { isComputing($0.sequence, block: wanted, after: sequence.chain) })
            {
                continue
            }
            var wanted = min(budget, sequence.pendingCount)
            if let left = seconds {
                let fitting = pacer.tokenCount(seconds: left, from: sequence.computedCount)
                if fitting < 1, work.promptTokens > 0 { return }
                wanted = min(wanted, max(fitting, 1))
            }
            if let cut = cuts?.uniform() { wanted = 1 + Int(cut * Double(wanted)) }
            let count = reserve(wanted, for: sequence)
            guard count > 0 else { continue }
            pieces.append(ScheduledPiece(sequence: sequence, count: count))
            work.addPrompt(count, from: sequence.computedCount)
            budget -= count
            seconds? -= pacer.seconds(count, from: sequence.computedCount)
        }
    }

    /// Takes note of how long the step took, and lets go of its pieces.
    mutating func endStep(seconds: Double) {
        pacer.note(work, seconds: seconds)
        pieces.removeAll(keepingCapacity: true)
    }

    /// Lets waiting sequences run while there is room for their tokens beside those that run; a lone one always runs.
    mutating func admit() {
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
    private mutating func reserve(_ count: Int, for sequence: Sequence) -> Int {
        let needed = blocks(for: sequence.computedCount + count)
        while sequence.blocks.count < needed {
            if let block = allocator.allocate() {
                sequence.blocks.append(block)
            } else if !makeRoom(for: sequence) {
                break
            }
        }
        return min(count, max(0, sequence.blocks.count * blockSize - sequence.computedCount))
    }

    /// Frees the blocks of a stalled sequence, else those of the last that came after this one and is not in this step yet.
    ///
    /// - Returns: whether there was one.
    private mutating func makeRoom(for sequence: Sequence) -> Bool {
        if freeStalled() { return true }
        let victim = running.last { other in
            other.arrival > sequence.arrival && !other.blocks.isEmpty && !pieces.contains { $0.sequence === other }
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

    /// What the cache came to hold, and no longer holds, since the last call; nil for nothing.
    mutating func takePrefixChanges() -> PrefixChanges? {
        allocator.takeChanges()
    }

    /// Makes the blocks that a sequence has filled findable. For tokens that were computed without an error only.
    mutating func publishBlocks(of sequence: Sequence) {
        guard allocator.cachesPrefixes else { return }
        let end = min(sequence.computedCount, sequence.sharedCount)
        while let chain = sequence.chain, (sequence.cachedBlockCount + 1) * blockSize <= end {
            let place = sequence.cachedBlockCount
            let tokens = sequence.tokens[place * blockSize..<(place + 1) * blockSize]
            sequence.noteCached(allocator.publish(sequence.blocks[place], after: chain, tokens: tokens))
        }
    }

    /// Gives a sequence that is about to compute the first token of a block the cached blocks of its next tokens.
    private mutating func takeCachedBlocks(for sequence: Sequence) {
        while let chain = sequence.chain, let tokens = nextBlockTokens(of: sequence),
            let found = allocator.find(after: chain, tokens: tokens)
        {
            allocator.share(found.block)
            sequence.take(found, blockSize: blockSize)
        }
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
        guard allocator.cachesPrefixes, chain != nil, sequence.chain == chain,
            min(sequence.tokens.count, sequence.sharedCount) >= tokens.endIndex
        else { return false }
        return sequence.tokens[tokens.indices] == tokens
    }

    /// The tokens of a sequence's next block, if all of it may come from the cache and none of it is computed yet.
    private func nextBlockTokens(of sequence: Sequence) -> ArraySlice<Int32>? {
        let start = sequence.computedCount
        guard start == sequence.blocks.count * blockSize, start + blockSize <= sequence.shareableCount else { return nil }
        return sequence.tokens[start..<start + blockSize]
    }
}

import DequeModule

/// Who goes into the next batch: policy only.
///
/// Running sequences that decode come first, a token each; what is left of the step's budget goes to prefills, first come, first served. When the
/// cache has no block left, the sequence that came last gives its blocks back and waits to be computed anew.
struct Scheduler {
    private(set) var waiting: Deque<Sequence> = []
    private(set) var running: [Sequence] = []
    private var allocator: BlockAllocator
    private let blockSize: Int
    private let maximumRunning: Int
    private let maximumTokens: Int

    init(blockCount: Int, blockSize: Int, maximumRunning: Int, maximumTokens: Int) {
        allocator = BlockAllocator(blockCount: blockCount)
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

    /// Puts a sequence at the end of the queue.
    mutating func add(_ sequence: Sequence) {
        waiting.append(sequence)
    }

    /// Takes sequences out, wherever they are, and frees their blocks.
    mutating func remove(where isOut: (Sequence) -> Bool) -> [Sequence] {
        let removed = running.filter(isOut) + waiting.filter(isOut)
        running.removeAll(where: isOut)
        waiting.removeAll(where: isOut)
        for sequence in removed { free(sequence) }
        return removed
    }

    /// Chooses the pieces of the next step and gives their sequences the blocks they need. `isReady` tells whose reader can take more.
    mutating func schedule(isReady: (Sequence) -> Bool) -> [ScheduledPiece] {
        admit()
        var budget = maximumTokens
        var pieces: [ScheduledPiece] = []
        let ready = running.filter(isReady)
        for sequence in ready.filter({ $0.pendingCount == 1 }) + ready.filter({ $0.pendingCount > 1 }) {
            // One that came before may have taken its place in the cache meanwhile.
            guard budget > 0, running.contains(where: { $0 === sequence }) else { continue }
            let count = reserve(min(budget, sequence.pendingCount), for: sequence, scheduled: pieces)
            guard count > 0 else { continue }
            pieces.append(ScheduledPiece(sequence: sequence, count: count))
            budget -= count
        }
        return pieces
    }

    /// Lets waiting sequences run while there is room for their tokens; a lone one always runs.
    private mutating func admit() {
        while running.count < maximumRunning, let next = waiting.first {
            let promised = running.reduce(0) { $0 + max(0, blocks(for: $1.tokens.count + 1) - $1.blocks.count) }
            guard running.isEmpty || blocks(for: next.tokens.count + 1) + promised <= allocator.freeCount else { return }
            waiting.removeFirst()
            running.append(next)
        }
    }

    /// Gets blocks for up to `count` further tokens of a sequence. Sequences that came later, and are not in this step yet, give theirs up.
    ///
    /// - Returns: for how many tokens there is room.
    private mutating func reserve(_ count: Int, for sequence: Sequence, scheduled: [ScheduledPiece]) -> Int {
        let needed = blocks(for: sequence.computedCount + count)
        while sequence.blocks.count < needed {
            if let block = allocator.allocate() {
                sequence.blocks.append(block)
            } else if let victim = running.last, victim !== sequence, !scheduled.contains(where: { $0.sequence === victim }) {
                preempt(victim)
            } else {
                break
            }
        }
        return min(count, max(0, sequence.blocks.count * blockSize - sequence.computedCount))
    }

    private mutating func preempt(_ sequence: Sequence) {
        running.removeAll { $0 === sequence }
        free(sequence)
        waiting.prepend(sequence)
    }

    private mutating func free(_ sequence: Sequence) {
        allocator.release(sequence.blocks)
        sequence.blocks = []
        sequence.computedCount = 0
    }

    private func blocks(for tokens: Int) -> Int {
        (tokens + blockSize - 1) / blockSize
    }
}

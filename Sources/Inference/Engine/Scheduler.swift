import DequeModule

/// Who goes into the next batch: policy only.
///
/// Running sequences that decode come first, a token each; what is left of the step's budget goes to prefills, first come, first served. When the
/// cache has no block left, those whose readers have stopped reading give theirs back, then the sequence that came last, which waits to be
/// computed anew.
struct Scheduler {
    /// In the order in which they came.
    private(set) var waiting: Deque<Sequence> = []
    /// In the order in which they came.
    private(set) var running: [Sequence] = []
    /// How many sequences were taken out.
    private(set) var endedCount = 0
    private var arrivals = 0
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

    /// Chooses the pieces of the next step and gives their sequences the blocks they need.
    mutating func schedule() -> [ScheduledPiece] {
        admit()
        var budget = maximumTokens
        var pieces: [ScheduledPiece] = []
        let ready = running.filter { !$0.isStalled }
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

    /// Lets waiting sequences run while there is room for their tokens beside those that run; a lone one always runs.
    private mutating func admit() {
        while running.count < maximumRunning, let next = waiting.first {
            let needed = running.reduce(blocks(for: next.tokens.count + 1)) { sum, other in
                other.isStalled ? sum : sum + max(0, blocks(for: other.tokens.count + 1) - other.blocks.count)
            }
            while needed > allocator.freeCount, freeStalled() {}
            guard needed <= allocator.freeCount || running.allSatisfy(\.isStalled) else { return }
            waiting.removeFirst()
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
        sequence.blocks = []
        sequence.computedCount = 0
    }

    private func blocks(for tokens: Int) -> Int {
        (tokens + blockSize - 1) / blockSize
    }
}

/// What one step computes: pieces of sequences, prefill and decode mixed. Made by ``ModelRunner/makeBatch()`` and reused from step to step.
public final class Batch {
    let limits: BatchLimits
    private(set) var tokens: [Int32] = []
    private(set) var positions: [Int32] = []
    /// Where in `blockTable` the blocks of each token's sequence start.
    private(set) var blockOffsets: [Int32] = []
    private(set) var blockTable: [Int32] = []
    /// The rows whose final hidden states are wanted, in order.
    private(set) var outputRows: [Int32] = []

    init(limits: BatchLimits) {
        self.limits = limits
        tokens.reserveCapacity(limits.maximumTokens)
        positions.reserveCapacity(limits.maximumTokens)
        blockOffsets.reserveCapacity(limits.maximumTokens)
        outputRows.reserveCapacity(limits.maximumTokens)
    }

    /// How many tokens are in it.
    public var tokenCount: Int {
        tokens.count
    }

    /// How many final hidden states it yields.
    public var outputCount: Int {
        outputRows.count
    }

    /// Empties the batch; its memory stays.
    public func removeAll() {
        tokens.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        blockOffsets.removeAll(keepingCapacity: true)
        blockTable.removeAll(keepingCapacity: true)
        outputRows.removeAll(keepingCapacity: true)
    }

    /// Adds a piece of a sequence.
    ///
    /// - Parameters:
    ///   - piece: the tokens, at least one.
    ///   - position: the position of the first of them; the positions before it are in the cache already.
    ///   - blocks: the sequence's blocks: `blocks[i]` holds positions `i * blockSize ..< (i + 1) * blockSize`.
    ///   - output: which positions yield a final hidden state.
    /// - Returns: the rows of the runner's `hiddenStates` that the piece will fill.
    /// - Throws: ``BatchError``; the batch is then as it was.
    @discardableResult
    public func append(
        tokens piece: ArraySlice<Int32>,
        position: Int,
        blocks: [Int32],
        output: BatchOutput
    ) throws(BatchError) -> Range<Int> {
        try check(piece, position: position, blocks: blocks)
        let (firstRow, firstBlock) = (tokens.count, blockTable.count)
        let end = position + piece.count
        blockTable.append(contentsOf: blocks.prefix((end + limits.blockSize - 1) / limits.blockSize))
        tokens.append(contentsOf: piece)
        for index in position..<end {
            positions.append(Int32(index))
            blockOffsets.append(Int32(firstBlock))
        }
        let firstOutput = outputRows.count
        switch output {
        case .none: break
        case .last: outputRows.append(Int32(tokens.count - 1))
        case .all: outputRows.append(contentsOf: (firstRow..<tokens.count).lazy.map { Int32($0) })
        }
        return firstOutput..<outputRows.count
    }

    private func check(_ piece: ArraySlice<Int32>, position: Int, blocks: [Int32]) throws(BatchError) {
        guard !piece.isEmpty else { throw .empty }
        guard piece.count <= limits.maximumTokens - tokens.count else {
            throw .full(tokens: piece.count, maximum: limits.maximumTokens)
        }
        guard position >= 0, position < limits.contextLength else {
            throw .positionOutOfRange(position, contextLength: limits.contextLength)
        }
        let end = position + piece.count
        guard end <= limits.contextLength else { throw .positionOutOfRange(end - 1, contextLength: limits.contextLength) }
        let needed = (end + limits.blockSize - 1) / limits.blockSize
        guard blocks.count >= needed else { throw .tooFewBlocks(found: blocks.count, expected: needed) }
        for block in blocks.prefix(needed) where block < 0 || Int(block) >= limits.blockCount {
            throw .blockOutOfRange(block, blockCount: limits.blockCount)
        }
        for token in piece where token < 0 || Int(token) >= limits.vocabularySize {
            throw .tokenOutOfRange(token, vocabularySize: limits.vocabularySize)
        }
    }
}

import Compute

/// One step's way through the layers: the batch, the cache, the team, and the matrices that carry values from layer to layer.
///
/// The matrices are made once and reused; each has a row for every token that a batch may hold.
final class ForwardPass {
    let team: ThreadTeam
    /// The residual stream.
    let residual: FloatMatrix
    /// What a norm made of it.
    let normed: FloatMatrix
    /// What a sublayer adds to it.
    let projected: FloatMatrix
    let queries: FloatMatrix
    let keys: FloatMatrix
    let values: FloatMatrix
    let attended: FloatMatrix
    let gate: FloatMatrix
    let up: FloatMatrix
    /// Cosines and sines of each token's position.
    let angles: FloatMatrix

    private let cache: KVCache
    private let input: ActivationBuffer
    private let blockShift: Int
    private var batch: Batch
    /// A copy of the batch's block table that the attention's inner loop reads.
    private var blockTable: UnsafeMutableBufferPointer<Int32>

    init(configuration: ModelConfiguration, cache: KVCache, team: ThreadTeam, batch: Batch) {
        let maximumTokens = batch.limits.maximumTokens
        func matrix(_ columns: Int) -> FloatMatrix { FloatMatrix(rows: maximumTokens, columns: columns) }
        let queryWidth = configuration.headCount * configuration.headSize
        let keyWidth = configuration.keyValueHeadCount * configuration.headSize
        self.team = team
        self.cache = cache
        self.batch = batch
        residual = matrix(configuration.hiddenSize)
        normed = matrix(configuration.hiddenSize)
        projected = matrix(configuration.hiddenSize)
        queries = matrix(queryWidth)
        keys = matrix(keyWidth)
        values = matrix(keyWidth)
        attended = matrix(queryWidth)
        gate = matrix(configuration.feedForwardSize)
        up = matrix(configuration.feedForwardSize)
        angles = matrix(configuration.rotary.dimensions)
        let widest = max(configuration.hiddenSize, queryWidth, configuration.feedForwardSize)
        input = ActivationBuffer(maximumRows: maximumTokens, maximumColumns: widest)
        blockShift = cache.blockSize.trailingZeroBitCount
        blockTable = .allocate(capacity: 1024)
        blockTable.initialize(repeating: 0)
    }

    deinit {
        blockTable.deallocate()
    }

    /// Takes the batch that the layers will now compute.
    func begin(_ batch: Batch) {
        self.batch = batch
        if batch.blockTable.count > blockTable.count {
            blockTable.deallocate()
            blockTable = .allocate(capacity: 2 * batch.blockTable.count)
            blockTable.initialize(repeating: 0)
        }
        for (index, block) in batch.blockTable.enumerated() { blockTable[index] = block }
    }

    /// The number of tokens in the batch, one a row.
    var count: Int {
        batch.tokenCount
    }

    /// A row's token.
    func token(row: Int) -> Int {
        Int(batch.tokens[row])
    }

    /// The position of a row's token in its sequence.
    func position(row: Int) -> Int {
        Int(batch.positions[row])
    }

    /// Where the keys and values of a row's sequence lie, for one layer and one key-value head.
    func pages(row: Int, layer: Int, head: Int) -> CachePages {
        let headOffset = head * cache.blockSize * cache.headSize
        return CachePages(
            keys: cache.keys[layer].base + headOffset,
            values: cache.values[layer].base + headOffset,
            blocks: UnsafePointer(blockTable.baseAddress.unsafelyUnwrapped + Int(batch.blockOffsets[row])),
            blockStride: cache.blockStride,
            blockShift: blockShift,
            headSize: cache.headSize
        )
    }

    /// How many rows from `row` on are successive positions of one sequence, at most `limit`.
    func successiveRows(from row: Int, limit: Int) -> Int {
        var end = row + 1
        while end < min(count, row + limit), batch.blockOffsets[end] == batch.blockOffsets[row] { end += 1 }
        return end - row
    }

    /// From how many rows on sharing what is done row by row is worth a round of the team.
    static let rowsWorthSharing = 8

    /// Makes the rows of `x` the inputs of the products that follow.
    func takeInput(_ x: FloatMatrix, quantized: Bool) {
        input.load(x, rows: 0..<count, quantized: quantized, team: team)
    }

    /// y = weight · input, for every row.
    func multiply(by weight: WeightMatrix, into y: FloatMatrix) {
        weight.multiply(input, into: y, team: team)
    }

    /// The products of three matrices with the same input, in one round of the team.
    func multiply(
        by first: WeightMatrix,
        into y: FloatMatrix,
        by second: WeightMatrix,
        into z: FloatMatrix,
        by third: WeightMatrix,
        into w: FloatMatrix
    ) {
        let (firstPanels, secondPanels, thirdPanels) = (panels(first), panels(second), panels(third))
        team.split(firstPanels + secondPanels + thirdPanels) { range in
            multiply(by: first, into: y, panels: range.clamped(to: 0..<firstPanels), from: 0)
            multiply(by: second, into: z, panels: range.clamped(to: firstPanels..<firstPanels + secondPanels), from: firstPanels)
            let start = firstPanels + secondPanels
            multiply(by: third, into: w, panels: range.clamped(to: start..<start + thirdPanels), from: start)
        }
    }

    /// y = silu(gate · input) ⊙ (up · input), in one round of the team. `scratch` is as wide as `y`.
    func multiply(bySiLU gate: WeightMatrix, times up: WeightMatrix, into y: FloatMatrix, scratch: FloatMatrix) {
        team.split(gate.rows, step: WeightMatrix.panelRows) { rows in
            gate.multiply(input, rows: rows, into: y)
            up.multiply(input, rows: rows, into: scratch)
            for row in 0..<count {
                FloatKernels.multiplySiLU(
                    y.pointer(row: row) + rows.lowerBound,
                    by: scratch.pointer(row: row) + rows.lowerBound,
                    count: rows.count
                )
            }
        }
    }

    private func panels(_ weight: WeightMatrix) -> Int {
        (weight.rows + WeightMatrix.panelRows - 1) / WeightMatrix.panelRows
    }

    private func multiply(by weight: WeightMatrix, into y: FloatMatrix, panels: Range<Int>, from start: Int) {
        guard !panels.isEmpty else { return }
        let (first, last) = (panels.lowerBound - start, panels.upperBound - start)
        weight.multiply(input, rows: first * WeightMatrix.panelRows..<min(last * WeightMatrix.panelRows, weight.rows), into: y)
    }

    /// x += y, for every row.
    func add(_ y: FloatMatrix, to x: FloatMatrix) {
        team.split(count, step: ForwardPass.rowsWorthSharing) { rows in
            for row in rows { FloatKernels.addScaled(x.pointer(row: row), y.pointer(row: row), scale: 1, count: x.columns) }
        }
    }
}

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
    /// A row of attention scores for each member of the team.
    let scores: FloatMatrix

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
        scores = FloatMatrix(rows: team.count, columns: min(configuration.contextLength, cache.blockCount * cache.blockSize))
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

    /// Makes the rows of `x` the inputs of the products that follow.
    func takeInput(_ x: FloatMatrix, quantized: Bool) {
        input.load(x, rows: 0..<count, quantized: quantized, team: team)
    }

    /// y = weight · input, for every row.
    func multiply(by weight: WeightMatrix, into y: FloatMatrix) {
        weight.multiply(input, into: y, team: team)
    }

    /// x += y, for every row.
    func add(_ y: FloatMatrix, to x: FloatMatrix) {
        team.split(count, step: 4) { rows in
            for row in rows { FloatKernels.addScaled(x.pointer(row: row), y.pointer(row: row), scale: 1, count: x.columns) }
        }
    }
}

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
    /// Cosines and sines of each token's position, for every ``RotaryEmbedding/slot``.
    let angles: [FloatMatrix]

    /// Where attention behind long texts keeps what it has not joined yet.
    let attentionParts = AttentionParts()

    /// The last position of all rows.
    private(set) var lastPosition = 0

    private let cache: KVCache
    private let input: ActivationBuffer
    private let blockShift: Int
    private var batch: Batch
    /// Copies of the batch's tables, for inner loops.
    private let blockTable = IndexBuffer()
    private let blockOffsets = IndexBuffer()
    private let positions = IndexBuffer()

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
        angles = (0..<RotaryEmbedding.slots).map { _ in matrix(configuration.headSize) }
        let widest = max(configuration.hiddenSize, queryWidth, configuration.feedForwardSize)
        input = ActivationBuffer(maximumRows: maximumTokens, maximumColumns: widest)
        blockShift = cache.blockSize.trailingZeroBitCount
    }

    /// Takes the batch that the layers will now compute.
    func begin(_ batch: Batch) {
        self.batch = batch
        blockTable.fill(batch.blockTable)
        blockOffsets.fill(batch.blockOffsets)
        positions.fill(batch.positions)
        lastPosition = batch.positions.reduce(0) { max($0, Int($1)) }
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

    /// Where the batch's keys and values lie in one layer.
    func cacheView(layer: Int) -> CacheView {
        CacheView(
            keys: cache.keys(layer: layer),
            values: cache.values(layer: layer),
            blockTable: UnsafePointer(blockTable.base),
            blockOffsets: UnsafePointer(blockOffsets.base),
            positions: UnsafePointer(positions.base),
            blockStride: cache.blockStride,
            blockShift: blockShift,
            headSize: cache.headSize
        )
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
    func multiply(by weights: (WeightMatrix, WeightMatrix, WeightMatrix), into outputs: (FloatMatrix, FloatMatrix, FloatMatrix)) {
        let products = ProductTriple(
            first: weights.0.product(with: input, into: outputs.0),
            second: weights.1.product(with: input, into: outputs.1),
            third: weights.2.product(with: input, into: outputs.2)
        )
        team.split(products.panels, products)
    }

    /// y = activation(gate · input) ⊙ (up · input), in one round of the team. `scratch` is as wide as `y`.
    func multiply(
        byGate gate: WeightMatrix,
        _ activation: Activation,
        times up: WeightMatrix,
        into y: FloatMatrix,
        scratch: FloatMatrix
    ) {
        let product = GatedProduct(
            gate: gate.product(with: input, into: y),
            up: up.product(with: input, into: scratch),
            activation: activation
        )
        team.split(gate.rows, step: WeightMatrix.panelRows, product)
    }

    /// y = gelu(weight · input), in one round of the team.
    func multiply(byActivated weight: WeightMatrix, into y: FloatMatrix) {
        team.split(weight.rows, step: WeightMatrix.panelRows, ActivatedProduct(product: weight.product(with: input, into: y)))
    }

    /// x += y, for every row.
    func add(_ y: FloatMatrix, to x: FloatMatrix) {
        team.split(count, step: ForwardPass.rowsWorthSharing, AddedRows(x: x, y: y))
    }

    private struct AddedRows: TeamWork {
        let x: FloatMatrix
        let y: FloatMatrix

        func run(_ rows: Range<Int>) {
            for row in rows { FloatKernels.addScaled(x.pointer(row: row), y.pointer(row: row), scale: 1, count: x.columns) }
        }
    }
}

import Compute

/// Causal grouped-query attention (arXiv:2305.13245) over the paged KV cache.
///
/// All keys and values of a pass enter the cache before any query reads it, and a query reads positions in their order: a row's result
/// depends neither on where a prefill was cut nor on what else is in the batch.
struct Attention: Sendable {
    let query: WeightMatrix
    let key: WeightMatrix
    let value: WeightMatrix
    let output: WeightMatrix
    let rotary: RotaryEmbedding
    let layer: Int
    let headCount: Int
    let keyValueHeadCount: Int
    let headSize: Int
    let window: Int

    init(
        _ prefix: String,
        layer: Int,
        _ configuration: ModelConfiguration,
        _ rotary: RotaryEmbedding,
        _ loader: inout TensorLoader
    ) throws(ModelError) {
        let hidden = configuration.hiddenSize
        let queries = configuration.headCount * configuration.headSize
        let keys = configuration.keyValueHeadCount * configuration.headSize
        query = try loader.matrix("\(prefix).attn_q.weight", rows: queries, columns: hidden)
        key = try loader.matrix("\(prefix).attn_k.weight", rows: keys, columns: hidden)
        value = try loader.matrix("\(prefix).attn_v.weight", rows: keys, columns: hidden)
        output = try loader.matrix("\(prefix).attn_output.weight", rows: hidden, columns: queries)
        self.rotary = rotary
        self.layer = layer
        headCount = configuration.headCount
        keyValueHeadCount = configuration.keyValueHeadCount
        headSize = configuration.headSize
        window = configuration.slidingWindow ?? Int.max
    }

    /// y = output · attention(query x, key x, value x)
    func forward(_ x: FloatMatrix, into y: FloatMatrix, _ pass: ForwardPass) {
        pass.takeInput(x, quantized: query.isQuantized || key.isQuantized || value.isQuantized)
        pass.multiply(by: (query, key, value), into: (pass.queries, pass.keys, pass.values))
        rotateAndStore(pass)
        attend(pass)
        pass.takeInput(pass.attended, quantized: output.isQuantized)
        pass.multiply(by: output, into: y)
    }

    /// Turns queries and keys to their positions; writes keys and values into the cache.
    private func rotateAndStore(_ pass: ForwardPass) {
        pass.team.split(pass.count, step: 4, RotatedRows(attention: self, pass: pass))
    }

    private struct RotatedRows: TeamWork {
        let attention: Attention
        let pass: ForwardPass

        func run(_ rows: Range<Int>) {
            withUnsafeTemporaryAllocation(of: UInt16.self, capacity: attention.headSize) { halves in
                guard let scratch = halves.baseAddress else { return }
                for row in rows { attention.rotateAndStore(row, scratch: scratch, pass) }
            }
        }
    }

    private func rotateAndStore(_ row: Int, scratch: UnsafeMutablePointer<UInt16>, _ pass: ForwardPass) {
        let angles = pass.angles.pointer(row: row)
        let queries = pass.queries.pointer(row: row)
        let keys = pass.keys.pointer(row: row)
        let values = pass.values.pointer(row: row)
        let position = pass.position(row: row)
        let cache = pass.cacheView(layer: layer)
        for head in 0..<headCount { rotary.rotate(queries + head * headSize, angles: angles) }
        for head in 0..<keyValueHeadCount {
            rotary.rotate(keys + head * headSize, angles: angles)
            cache.pages(row: row, head: head)
                .store(key: keys + head * headSize, value: values + head * headSize, position: position, scratch: scratch)
        }
    }

    /// softmax(q · K / sqrt(headSize)) · V for every query.
    private func attend(_ pass: ForwardPass) {
        let queries = AttentionQueries(
            pass: pass,
            layer: layer,
            headCount: headCount,
            keyValueHeadCount: keyValueHeadCount,
            headSize: headSize,
            window: window
        )
        pass.team.split(queries.count, queries)
    }
}

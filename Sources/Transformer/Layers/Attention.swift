import Compute

/// Causal grouped-query attention (arXiv:2305.13245) over the paged KV cache.
///
/// All keys and values of a pass enter the cache before any query reads it, and a query reads positions in their order: a row's result
/// depends neither on where a prefill was cut nor on what else is in the batch.
struct Attention: Sendable {
    let inputs: AttentionInputs
    let output: WeightMatrix
    let rotary: RotaryEmbedding
    let layer: Int
    let headCount: Int
    let keyValueHeadCount: Int
    let headSize: Int
    let window: Int
    let scale: Float

    /// - Parameters:
    ///   - prefix: what the tensors' names begin with.
    ///   - layer: which block it is of, from 0.
    ///   - kind: how queries, keys and values are made.
    ///   - window: how many positions back a token attends, itself included; nil for all.
    ///   - scale: what products of queries and keys are multiplied by; nil for 1 / √headSize.
    init(
        _ prefix: String,
        layer: Int,
        inputs kind: AttentionInputs.Kind = [],
        window: Int?,
        scale: Float? = nil,
        _ configuration: ModelConfiguration,
        _ rotary: RotaryEmbedding,
        _ loader: inout TensorLoader
    ) throws(ModelError) {
        inputs = try AttentionInputs(prefix, kind, configuration, &loader)
        let queries = configuration.headCount * configuration.headSize
        output = try loader.matrix("\(prefix).attn_output.weight", rows: configuration.hiddenSize, columns: queries)
        self.rotary = rotary
        self.layer = layer
        headCount = configuration.headCount
        keyValueHeadCount = configuration.keyValueHeadCount
        headSize = configuration.headSize
        self.window = window ?? Int.max
        self.scale = scale ?? 1 / Float(configuration.headSize).squareRoot()
    }

    /// y = output · attention(query x, key x, value x)
    func forward(_ x: FloatMatrix, into y: FloatMatrix, _ pass: ForwardPass) {
        pass.takeInput(x, quantized: inputs.isQuantized)
        pass.multiply(by: (inputs.query, inputs.key, inputs.value), into: (pass.queries, pass.keys, pass.values))
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
        let angles = pass.angles[rotary.slot].pointer(row: row)
        let queries = pass.queries.pointer(row: row)
        let keys = pass.keys.pointer(row: row)
        let values = pass.values.pointer(row: row)
        let position = pass.position(row: row)
        let cache = pass.cacheView(layer: layer)
        if let biases = inputs.biases {
            add(biases.query, to: queries)
            add(biases.key, to: keys)
            add(biases.value, to: values)
        }
        if let norms = inputs.norms {
            for head in 0..<headCount { norms.query.apply(queries + head * headSize, into: queries + head * headSize) }
            for head in 0..<keyValueHeadCount { norms.key.apply(keys + head * headSize, into: keys + head * headSize) }
        }
        for head in 0..<headCount { rotary.rotate(queries + head * headSize, angles: angles) }
        for head in 0..<keyValueHeadCount {
            rotary.rotate(keys + head * headSize, angles: angles)
            cache.pages(row: row, head: head)
                .store(key: keys + head * headSize, value: values + head * headSize, position: position, scratch: scratch)
        }
    }

    private func add(_ bias: [Float], to values: UnsafeMutablePointer<Float>) {
        bias.withUnsafeBufferPointer { bias in
            if let base = bias.baseAddress { FloatKernels.addScaled(values, base, scale: 1, count: bias.count) }
        }
    }

    /// softmax(q · K · scale) · V for every query.
    private func attend(_ pass: ForwardPass) {
        let rows = AttentionRows(self, pass)
        if let chunks = AttentionChunks(rows, pass) {
            pass.team.split(chunks.count, chunks)
            chunks.join()
        } else {
            let queries = AttentionQueries(rows, pass)
            pass.team.split(queries.count, queries)
        }
    }
}

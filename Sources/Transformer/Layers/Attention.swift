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
        pass.multiply(by: query, into: pass.queries, by: key, into: pass.keys, by: value, into: pass.values)
        rotateAndStore(pass)
        attend(pass)
        pass.takeInput(pass.attended, quantized: output.isQuantized)
        pass.multiply(by: output, into: y)
    }

    /// Turns queries and keys to their positions; writes keys and values into the cache.
    private func rotateAndStore(_ pass: ForwardPass) {
        pass.team.split(pass.count, step: 4) { rows in
            withUnsafeTemporaryAllocation(of: UInt16.self, capacity: headSize) { halves in
                guard let scratch = halves.baseAddress else { return }
                for row in rows {
                    let angles = pass.angles.pointer(row: row)
                    let queries = pass.queries.pointer(row: row)
                    let keys = pass.keys.pointer(row: row)
                    let values = pass.values.pointer(row: row)
                    let position = pass.position(row: row)
                    for head in 0..<headCount { rotary.rotate(queries + head * headSize, angles: angles) }
                    for head in 0..<keyValueHeadCount {
                        rotary.rotate(keys + head * headSize, angles: angles)
                        pass.pages(row: row, layer: layer, head: head)
                            .store(key: keys + head * headSize, value: values + head * headSize, position: position, scratch: scratch)
                    }
                }
            }
        }
    }

    /// softmax(q · K / sqrt(headSize)) · V for every query. An item is a few rows and one key-value head, whose keys and values its queries share.
    private func attend(_ pass: ForwardPass) {
        let group = headCount / keyValueHeadCount
        // Few rows are dealt out head by head, so that there is work for everybody.
        let headsPerItem = pass.count < pass.team.count ? 1 : min(group, CachePages.maximumQueries)
        let rowsPerItem = max(1, min(4, CachePages.maximumQueries / headsPerItem))
        let (rowItems, headItems) = ((pass.count + rowsPerItem - 1) / rowsPerItem, (group + headsPerItem - 1) / headsPerItem)
        pass.team.split(rowItems * keyValueHeadCount * headItems) { items in
            for item in items {
                let (rowItem, headItem) = (item / (keyValueHeadCount * headItems), item % (keyValueHeadCount * headItems))
                let (keyValueHead, part) = (headItem / headItems, headItem % headItems)
                let firstHead = keyValueHead * group + part * headsPerItem
                let heads = min(headsPerItem, group - part * headsPerItem)
                let rows = rowItem * rowsPerItem..<min((rowItem + 1) * rowsPerItem, pass.count)
                attend(rows: rows, heads: firstHead..<firstHead + heads, keyValueHead: keyValueHead, pass)
            }
        }
    }

    /// Rows of one sequence go into the kernel together.
    private func attend(rows: Range<Int>, heads: Range<Int>, keyValueHead: Int, _ pass: ForwardPass) {
        var row = rows.lowerBound
        while row < rows.upperBound {
            let together = pass.successiveRows(from: row, limit: rows.upperBound - row)
            pass.pages(row: row, layer: layer, head: keyValueHead)
                .attend(
                    queries: pass.queries.pointer(row: row) + heads.lowerBound * headSize,
                    into: pass.attended.pointer(row: row) + heads.lowerBound * headSize,
                    stride: pass.queries.stride,
                    rows: together,
                    heads: heads.count,
                    position: pass.position(row: row),
                    window: window,
                    scale: 1 / Float(headSize).squareRoot()
                )
            row += together
        }
    }
}

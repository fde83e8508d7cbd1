import Compute

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

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
        pass.multiply(by: query, into: pass.queries)
        pass.multiply(by: key, into: pass.keys)
        pass.multiply(by: value, into: pass.values)
        rotateAndStore(pass)
        attend(pass)
        pass.takeInput(pass.attended, quantized: output.isQuantized)
        pass.multiply(by: output, into: y)
    }

    /// Turns queries and keys to their positions; writes keys and values into the cache.
    private func rotateAndStore(_ pass: ForwardPass) {
        pass.team.split(pass.count) { rows in
            for row in rows {
                let angles = pass.angles.pointer(row: row)
                let queries = pass.queries.pointer(row: row)
                let keys = pass.keys.pointer(row: row)
                let values = pass.values.pointer(row: row)
                for head in 0..<headCount { rotary.rotate(queries + head * headSize, angles: angles) }
                for head in 0..<keyValueHeadCount {
                    rotary.rotate(keys + head * headSize, angles: angles)
                    let (pages, position) = (pass.pages(row: row, layer: layer, head: head), pass.position(row: row))
                    FloatKernels.convertToHalf(keys + head * headSize, into: pages.key(position), count: headSize)
                    FloatKernels.convertToHalf(values + head * headSize, into: pages.value(position), count: headSize)
                }
            }
        }
    }

    /// Every member of the team takes each n-th pair of row and head, so that later, longer rows spread evenly.
    private func attend(_ pass: ForwardPass) {
        let total = pass.count * headCount
        pass.team.run { member in
            let scores = pass.scores.pointer(row: member)
            for item in stride(from: member, to: total, by: pass.team.count) {
                attend(row: item / headCount, head: item % headCount, scores: scores, pass)
            }
        }
    }

    /// softmax(q · K / sqrt(headSize)) · V for one query.
    private func attend(row: Int, head: Int, scores: UnsafeMutablePointer<Float>, _ pass: ForwardPass) {
        let queryHead = pass.queries.pointer(row: row) + head * headSize
        let result = pass.attended.pointer(row: row) + head * headSize
        let position = pass.position(row: row)
        let first = max(0, position - (window - 1))
        let pages = pass.pages(row: row, layer: layer, head: head / (headCount / keyValueHeadCount))
        let scale = 1 / Float(headSize).squareRoot()

        var largest = -Float.infinity
        for p in first...position {
            let score = FloatKernels.dot(pages.key(p), queryHead, count: headSize) * scale
            scores[p - first] = score
            largest = max(largest, score)
        }
        var sum: Float = 0
        for i in 0...(position - first) {
            let weight = expf(scores[i] - largest)
            scores[i] = weight
            sum += weight
        }
        result.update(repeating: 0, count: headSize)
        for p in first...position {
            FloatKernels.addScaled(result, pages.value(p), scale: scores[p - first], count: headSize)
        }
        let inverse = 1 / sum
        for i in 0..<headSize { result[i] *= inverse }
    }
}

import Compute

/// The queries of a pass in one layer: where they lie, where their keys and values do, and how they attend.
///
/// Plain values and pointers; valid during a forward pass.
struct AttentionRows {
    let cache: CacheView
    let queries: UnsafePointer<Float>
    let results: UnsafeMutablePointer<Float>
    /// From one row to the next, of queries and of results.
    let stride: Int
    let count: Int
    let headCount: Int
    let keyValueHeadCount: Int
    let headSize: Int
    let window: Int
    let scale: Float

    init(_ attention: Attention, _ pass: ForwardPass) {
        cache = pass.cacheView(layer: attention.layer)
        queries = UnsafePointer(pass.queries.pointer(row: 0))
        results = pass.attended.pointer(row: 0)
        stride = pass.queries.stride
        count = pass.count
        headCount = attention.headCount
        keyValueHeadCount = attention.keyValueHeadCount
        headSize = attention.headSize
        window = attention.window
        scale = attention.scale
    }

    /// How many heads share a key-value head.
    var group: Int {
        headCount / keyValueHeadCount
    }
}

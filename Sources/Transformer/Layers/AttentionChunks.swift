import Compute

/// The queries of a few rows in one layer, shared out by chunks of positions as well: where few sequences decode behind long texts, heads alone are
/// too few to keep all threads busy, and heads that share keys and values read them together.
///
/// The results have the same bits as those of ``AttentionQueries``. Plain values and pointers; valid during a forward pass.
struct AttentionChunks: TeamWork {
    /// More rows than this have heads enough to share out.
    private static let maximumRows = 4
    private let cache: CacheView
    private let queries: UnsafePointer<Float>
    private let results: UnsafeMutablePointer<Float>
    private let stride: Int
    private let rowCount: Int
    private let headCount: Int
    private let keyValueHeadCount: Int
    private let headSize: Int
    private let window: Int
    private let scale: Float
    private let parts: AttentionParts
    /// The most chunks that a row sees.
    private let chunkCount: Int

    /// - Returns: nil where sharing out heads will do.
    init?(pass: ForwardPass, layer: Int, headCount: Int, keyValueHeadCount: Int, headSize: Int, window: Int, scale: Float) {
        guard pass.team.count > 1, pass.count <= Self.maximumRows, pass.count * keyValueHeadCount < 4 * pass.team.count else { return nil }
        cache = pass.cacheView(layer: layer)
        queries = UnsafePointer(pass.queries.pointer(row: 0))
        results = pass.attended.pointer(row: 0)
        stride = pass.queries.stride
        rowCount = pass.count
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headSize = headSize
        self.window = window
        self.scale = scale
        parts = pass.attentionParts
        chunkCount = (0..<pass.count).reduce(0) { max($0, Self.chunks(position: pass.position(row: $1), window: window).count) }
        guard chunkCount > 1 else { return nil }
        parts.reserve(queries: rowCount * headCount, chunks: chunkCount, headSize: headSize)
    }

    /// The chunks that hold what the query at a position sees.
    private static func chunks(position: Int, window: Int) -> Range<Int> {
        let start = position >= window ? position + 1 - window : 0
        return start / CachePages.chunkSize..<position / CachePages.chunkSize + 1
    }

    /// How many items there are: a chunk of one row and key-value head each.
    var count: Int {
        rowCount * keyValueHeadCount * chunkCount
    }

    func run(_ items: Range<Int>) {
        let group = headCount / keyValueHeadCount
        for item in items {
            let (rowAndHead, place) = item.quotientAndRemainder(dividingBy: chunkCount)
            let (row, keyValueHead) = rowAndHead.quotientAndRemainder(dividingBy: keyValueHeadCount)
            let position = cache.position(row: row)
            let chunks = Self.chunks(position: position, window: window)
            guard place < chunks.count else { continue }
            let pages = cache.pages(row: row, head: keyValueHead)
            for first in Swift.stride(from: keyValueHead * group, to: (keyValueHead + 1) * group, by: CachePages.maximumQueries) {
                let heads = first..<min(first + CachePages.maximumQueries, (keyValueHead + 1) * group)
                pages.attend(
                    chunk: chunks.lowerBound + place,
                    queries: queries + row * stride + first * headSize,
                    heads: heads.count,
                    position: position,
                    window: window,
                    scale: scale,
                    into: parts,
                    at: row * headCount + first,
                    chunk: place
                )
            }
        }
    }

    /// Joins the chunks, once all items are done.
    func join() {
        for row in 0..<rowCount {
            let chunks = Self.chunks(position: cache.position(row: row), window: window).count
            for head in 0..<headCount {
                parts.join(query: row * headCount + head, chunks: chunks, into: results + row * stride + head * headSize)
            }
        }
    }
}

import Compute

/// The queries of a few rows in one layer, shared out by chunks of positions as well: where few sequences decode behind long texts, heads alone are
/// too few to keep all threads busy, and heads that share keys and values read them together.
///
/// The results have the same bits as those of ``AttentionQueries``. Plain values and pointers; valid during a forward pass.
struct AttentionChunks: TeamWork {
    /// More rows than this have heads enough to share out.
    private static let maximumRows = 4
    private let rows: AttentionRows
    private let parts: AttentionParts
    /// The most chunks that a row sees.
    private let chunkCount: Int

    /// - Returns: nil where sharing out heads will do.
    init?(_ rows: AttentionRows, _ pass: ForwardPass) {
        guard pass.team.count > 1, rows.count <= Self.maximumRows, rows.count * rows.keyValueHeadCount < 4 * pass.team.count else {
            return nil
        }
        self.rows = rows
        parts = pass.attentionParts
        chunkCount = (0..<rows.count).reduce(0) { max($0, Self.chunks(position: pass.position(row: $1), window: rows.window).count) }
        guard chunkCount > 1 else { return nil }
        parts.reserve(queries: rows.count * rows.headCount, chunks: chunkCount, headSize: rows.headSize)
    }

    /// The chunks that hold what the query at a position sees.
    private static func chunks(position: Int, window: Int) -> Range<Int> {
        let start = position >= window ? position + 1 - window : 0
        return start / CachePages.chunkSize..<position / CachePages.chunkSize + 1
    }

    /// How many items there are: a chunk of one row and key-value head each.
    var count: Int {
        rows.count * rows.keyValueHeadCount * chunkCount
    }

    func run(_ items: Range<Int>) {
        let group = rows.group
        for item in items {
            let (rowAndHead, place) = item.quotientAndRemainder(dividingBy: chunkCount)
            let (row, keyValueHead) = rowAndHead.quotientAndRemainder(dividingBy: rows.keyValueHeadCount)
            let position = rows.cache.position(row: row)
            let chunks = Self.chunks(position: position, window: rows.window)
            guard place < chunks.count else { continue }
            let pages = rows.cache.pages(row: row, head: keyValueHead)
            for first in Swift.stride(from: keyValueHead * group, to: (keyValueHead + 1) * group, by: CachePages.maximumQueries) {
                let heads = first..<min(first + CachePages.maximumQueries, (keyValueHead + 1) * group)
                pages.attend(
                    chunk: chunks.lowerBound + place,
                    queries: rows.queries + row * rows.stride + first * rows.headSize,
                    heads: heads.count,
                    position: position,
                    window: rows.window,
                    scale: rows.scale,
                    into: parts,
                    at: row * rows.headCount + first,
                    chunk: place
                )
            }
        }
    }

    /// Joins the chunks, once all items are done.
    func join() {
        for row in 0..<rows.count {
            let chunks = Self.chunks(position: rows.cache.position(row: row), window: rows.window).count
            for head in 0..<rows.headCount {
                parts.join(
                    query: row * rows.headCount + head,
                    chunks: chunks,
                    into: rows.results + row * rows.stride + head * rows.headSize
                )
            }
        }
    }
}

import Compute

/// All queries of one layer, to be shared out: an item is a few rows and one key-value head, whose keys and values its queries share.
///
/// Plain values and pointers; valid during a forward pass.
struct AttentionQueries: TeamWork {
    private let rows: AttentionRows
    private let headsPerItem: Int
    private let rowsPerItem: Int
    /// Numbers that a call needs room for: none where all see one chunk of positions.
    private let scratchSize: Int

    init(_ rows: AttentionRows, _ pass: ForwardPass) {
        self.rows = rows
        scratchSize = pass.lastPosition < CachePages.chunkSize ? 0 : CachePages.maximumQueries * rows.headSize
        // Few rows are dealt out head by head, so that there is work for everybody.
        headsPerItem = pass.count < pass.team.count ? 1 : min(rows.group, CachePages.maximumQueries)
        rowsPerItem = max(1, min(4, CachePages.maximumQueries / headsPerItem))
    }

    /// Into how many items the queries of one row and one key-value head are divided.
    private var parts: Int {
        (rows.group + headsPerItem - 1) / headsPerItem
    }

    /// How many items there are.
    var count: Int {
        (rows.count + rowsPerItem - 1) / rowsPerItem * rows.keyValueHeadCount * parts
    }

    func run(_ items: Range<Int>) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: scratchSize) { scratch in
            for index in items {
                let item = item(index)
                attend(item, before: index + 1 < items.upperBound ? self.item(index + 1) : nil, scratch: scratch.baseAddress)
            }
        }
    }

    /// Some heads of a few rows, which share a key-value head.
    private struct Item {
        let rows: Range<Int>
        let firstHead: Int
        let heads: Int
        let keyValueHead: Int
    }

    private func item(_ index: Int) -> Item {
        let group = rows.group
        let (rowItem, headItem) = index.quotientAndRemainder(dividingBy: rows.keyValueHeadCount * parts)
        let (keyValueHead, part) = headItem.quotientAndRemainder(dividingBy: parts)
        return Item(
            rows: rowItem * rowsPerItem..<min((rowItem + 1) * rowsPerItem, rows.count),
            firstHead: keyValueHead * group + part * headsPerItem,
            heads: min(headsPerItem, group - part * headsPerItem),
            keyValueHead: keyValueHead
        )
    }

    /// Rows of one sequence go into the kernel together.
    private func attend(_ item: Item, before next: Item?, scratch: UnsafeMutablePointer<Float>?) {
        var row = item.rows.lowerBound
        while row < item.rows.upperBound {
            let together = rows.cache.successiveRows(from: row, end: item.rows.upperBound)
            let offset = row * rows.stride + item.firstHead * rows.headSize
            let following =
                row + together < item.rows.upperBound
                ? firstKeys(row: row + together, head: item.keyValueHead)
                : next.map { firstKeys(row: $0.rows.lowerBound, head: $0.keyValueHead) }
            rows.cache.pages(row: row, head: item.keyValueHead)
                .attend(
                    queries: rows.queries + offset,
                    into: rows.results + offset,
                    stride: rows.stride,
                    rows: together,
                    heads: item.heads,
                    position: rows.cache.position(row: row),
                    window: rows.window,
                    scale: rows.scale,
                    nextKeys: following,
                    scratch: scratch
                )
            row += together
        }
    }

    /// The first keys that a row's queries meet.
    private func firstKeys(row: Int, head: Int) -> UnsafePointer<UInt16> {
        let seen = rows.cache.position(row: row) + 1
        return rows.cache.pages(row: row, head: head).keys(around: seen > rows.window ? seen - rows.window : 0)
    }
}

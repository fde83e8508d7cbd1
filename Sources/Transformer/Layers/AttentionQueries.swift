import Compute

/// All queries of one layer, to be shared out: an item is a few rows and one key-value head, whose keys and values its queries share.
///
/// Plain values and pointers; valid during a forward pass.
struct AttentionQueries: TeamWork {
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
    private let headsPerItem: Int
    private let rowsPerItem: Int
    /// Numbers that a call needs room for: none where all see one chunk of positions.
    private let scratchSize: Int

    init(pass: ForwardPass, layer: Int, headCount: Int, keyValueHeadCount: Int, headSize: Int, window: Int, scale: Float) {
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
        scratchSize = pass.lastPosition < CachePages.chunkSize ? 0 : CachePages.maximumQueries * headSize
        // Few rows are dealt out head by head, so that there is work for everybody.
        headsPerItem = pass.count < pass.team.count ? 1 : min(headCount / keyValueHeadCount, CachePages.maximumQueries)
        rowsPerItem = max(1, min(4, CachePages.maximumQueries / headsPerItem))
    }

    /// Into how many items the queries of one row and one key-value head are divided.
    private var parts: Int {
        (headCount / keyValueHeadCount + headsPerItem - 1) / headsPerItem
    }

    /// How many items there are.
    var count: Int {
        (rowCount + rowsPerItem - 1) / rowsPerItem * keyValueHeadCount * parts
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
        let group = headCount / keyValueHeadCount
        let (rowItem, headItem) = index.quotientAndRemainder(dividingBy: keyValueHeadCount * parts)
        let (keyValueHead, part) = headItem.quotientAndRemainder(dividingBy: parts)
        return Item(
            rows: rowItem * rowsPerItem..<min((rowItem + 1) * rowsPerItem, rowCount),
            firstHead: keyValueHead * group + part * headsPerItem,
            heads: min(headsPerItem, group - part * headsPerItem),
            keyValueHead: keyValueHead
        )
    }

    /// Rows of one sequence go into the kernel together.
    private func attend(_ item: Item, before next: Item?, scratch: UnsafeMutablePointer<Float>?) {
        var row = item.rows.lowerBound
        while row < item.rows.upperBound {
            let together = cache.successiveRows(from: row, end: item.rows.upperBound)
            let offset = row * stride + item.firstHead * headSize
            let following =
                row + together < item.rows.upperBound
                ? firstKeys(row: row + together, head: item.keyValueHead)
                : next.map { firstKeys(row: $0.rows.lowerBound, head: $0.keyValueHead) }
            cache.pages(row: row, head: item.keyValueHead)
                .attend(
                    queries: queries + offset,
                    into: results + offset,
                    stride: stride,
                    rows: together,
                    heads: item.heads,
                    position: cache.position(row: row),
                    window: window,
                    scale: scale,
                    nextKeys: following,
                    scratch: scratch
                )
            row += together
        }
    }

    /// The first keys that a row's queries meet.
    private func firstKeys(row: Int, head: Int) -> UnsafePointer<UInt16> {
        let seen = cache.position(row: row) + 1
        return cache.pages(row: row, head: head).keys(around: seen > window ? seen - window : 0)
    }
}

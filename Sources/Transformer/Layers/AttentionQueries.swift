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
    private let headsPerItem: Int
    private let rowsPerItem: Int

    init(pass: ForwardPass, layer: Int, headCount: Int, keyValueHeadCount: Int, headSize: Int, window: Int) {
        cache = pass.cacheView(layer: layer)
        queries = UnsafePointer(pass.queries.pointer(row: 0))
        results = pass.attended.pointer(row: 0)
        stride = pass.queries.stride
        rowCount = pass.count
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headSize = headSize
        self.window = window
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
        let group = headCount / keyValueHeadCount
        for item in items {
            let (rowItem, headItem) = item.quotientAndRemainder(dividingBy: keyValueHeadCount * parts)
            let (keyValueHead, part) = headItem.quotientAndRemainder(dividingBy: parts)
            attend(
                rows: rowItem * rowsPerItem..<min((rowItem + 1) * rowsPerItem, rowCount),
                firstHead: keyValueHead * group + part * headsPerItem,
                heads: min(headsPerItem, group - part * headsPerItem),
                keyValueHead: keyValueHead
            )
        }
    }

    /// Rows of one sequence go into the kernel together.
    private func attend(rows: Range<Int>, firstHead: Int, heads: Int, keyValueHead: Int) {
        var row = rows.lowerBound
        while row < rows.upperBound {
            let together = cache.successiveRows(from: row, end: rows.upperBound)
            let offset = row * stride + firstHead * headSize
            cache.pages(row: row, head: keyValueHead)
                .attend(
                    queries: queries + offset,
                    into: results + offset,
                    stride: stride,
                    rows: together,
                    heads: heads,
                    position: cache.position(row: row),
                    window: window,
                    scale: 1 / Float(headSize).squareRoot()
                )
            row += together
        }
    }
}

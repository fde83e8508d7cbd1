import CKernels

/// Where one key-value head of one sequence lies in one layer of a paged cache, in half precision.
///
/// Position p lies in block `blocks[p >> blockShift]`. Within a block, a head's keys lie in groups of ``groupSize`` positions, each group
/// transposed, and its values position after position. Valid during a forward pass.
public struct CachePages {
    /// How many positions' keys lie together: a block holds a whole number of groups.
    public static let groupSize = 16
    /// How many positions, aligned in the sequence, are summed up by themselves before they are added to those before.
    public static let chunkSize = Int(RUDDER_ATTENTION_CHUNK)
    /// The most queries, rows times heads, that one ``attend(queries:into:stride:rows:heads:position:window:scale:nextKeys:scratch:)`` takes.
    public static let maximumQueries = Int(RUDDER_ATTENTION_QUERIES)

    private let keys: UnsafeMutablePointer<UInt16>
    private let values: UnsafeMutablePointer<UInt16>
    private let blocks: UnsafePointer<Int32>
    private let blockStride: Int
    private let blockShift: Int
    private let headSize: Int

    /// Describes a head's pages.
    ///
    /// - Parameters:
    ///   - keys: the head's keys in block 0.
    ///   - values: the head's values in block 0.
    ///   - blocks: the sequence's blocks, in order.
    ///   - blockStride: from one block to the next, in numbers.
    ///   - blockShift: the binary logarithm of the positions in a block, 4 or more.
    ///   - headSize: the size of a key and of a value.
    @inline(__always)
    public init(
        keys: UnsafeMutablePointer<UInt16>,
        values: UnsafeMutablePointer<UInt16>,
        blocks: UnsafePointer<Int32>,
        blockStride: Int,
        blockShift: Int,
        headSize: Int
    ) {
        self.keys = keys
        self.values = values
        self.blocks = blocks
        self.blockStride = blockStride
        self.blockShift = blockShift
        self.headSize = headSize
    }

    /// Where the group of keys lies that a position belongs to.
    public func keys(around position: Int) -> UnsafePointer<UInt16> {
        let group = Int64(position / Self.groupSize * Self.groupSize)
        return withUnsafePointer(to: table) { UnsafePointer(keys) + Int(rudder_group_offset($0, group)) }
    }

    private var table: rudder_cache_pages {
        rudder_cache_pages(
            keys: keys,
            values: values,
            blocks: blocks,
            block_stride: Int64(blockStride),
            block_shift: Int64(blockShift),
            head_size: Int64(headSize)
        )
    }

    /// Writes a position's key and value.
    ///
    /// - Parameter halves: room for `headSize` numbers.
    public func store(key: UnsafePointer<Float>, value: UnsafePointer<Float>, position: Int, scratch halves: UnsafeMutablePointer<UInt16>) {
        let inBlock = position & ((1 << blockShift) - 1)
        let block = Int(blocks[position >> blockShift]) * blockStride
        let group = keys + block + inBlock / Self.groupSize * Self.groupSize * headSize + inBlock % Self.groupSize
        FloatKernels.convertToHalf(key, into: halves, count: headSize)
        for d in 0..<headSize { group[d * Self.groupSize] = halves[d] }
        FloatKernels.convertToHalf(value, into: values + block + inBlock * headSize, count: headSize)
    }

    /// softmax(scale · q · K) · V for each query over the positions it sees, itself and those before it.
    ///
    /// Each query is computed by itself, sixteen positions at a time, aligned in the sequence, with a running maximum (arXiv:2205.14135), and chunk
    /// by chunk of ``chunkSize`` positions: its result depends on nothing else in the call.
    ///
    /// - Parameters:
    ///   - queries: the first query; head h of row r starts at r * stride + h * headSize.
    ///   - out: where the results go, laid out as the queries.
    ///   - stride: from one row to the next.
    ///   - rows: how many successive positions ask.
    ///   - heads: how many heads of each ask; rows times heads is at most ``maximumQueries``.
    ///   - position: the position of the first row.
    ///   - window: how many positions a query sees, its own included.
    ///   - scale: what scores are multiplied by.
    ///   - nextKeys: the first keys that the next call will read, where that is known: they are fetched meanwhile.
    ///   - scratch: room for rows times heads times headSize numbers; nil will do where all positions are of the first chunk.
    public func attend(
        queries: UnsafePointer<Float>,
        into out: UnsafeMutablePointer<Float>,
        stride: Int,
        rows: Int,
        heads: Int,
        position: Int,
        window: Int,
        scale: Float,
        nextKeys: UnsafePointer<UInt16>?,
        scratch: UnsafeMutablePointer<Float>?
    ) {
        attend(
            queries: queries,
            into: out,
            stride: stride,
            rows: rows,
            heads: heads,
            position: position,
            window: window,
            scale: scale,
            nextKeys: nextKeys,
            scratch: scratch,
            kernels: .best
        )
    }

    package func attend(
        queries: UnsafePointer<Float>,
        into out: UnsafeMutablePointer<Float>,
        stride: Int,
        rows: Int,
        heads: Int,
        position: Int,
        window: Int,
        scale: Float,
        nextKeys: UnsafePointer<UInt16>?,
        scratch: UnsafeMutablePointer<Float>?,
        kernels: KernelSet
    ) {
        precondition(rows * heads <= Self.maximumQueries && window > 0 && position >= 0, "more queries than one call takes")
        precondition(scratch != nil || position + rows <= Self.chunkSize, "no room for the sums of a further chunk")
        var pages = table
        var asked = rudder_queries(
            queries: queries,
            out: out,
            stride: Int64(stride),
            rows: Int64(rows),
            heads: Int64(heads),
            position: Int64(position),
            window: Int64(window),
            scale: scale,
            next_keys: nextKeys,
            scratch: scratch
        )
        kernels.table.attend(&pages, &asked)
    }

    /// A chunk's part of ``attend(queries:into:stride:rows:heads:position:window:scale:nextKeys:scratch:)`` for some heads of one row.
    ///
    /// - Parameters:
    ///   - number: which chunk, counted from the sequence's first.
    ///   - queries: the queries, one behind the other.
    ///   - heads: how many, at most ``maximumQueries``.
    ///   - position: the row's position.
    ///   - window: how many positions a query sees, its own included.
    ///   - scale: what scores are multiplied by.
    ///   - parts: where the sums go.
    ///   - query: which of the parts' queries the first is.
    ///   - place: which of their chunks.
    ///   - kernels: who computes.
    public func attend(
        chunk number: Int,
        queries: UnsafePointer<Float>,
        heads: Int,
        position: Int,
        window: Int,
        scale: Float,
        into parts: AttentionParts,
        at query: Int,
        chunk place: Int,
        kernels: KernelSet = .best
    ) {
        precondition(heads <= Self.maximumQueries && window > 0 && position >= 0, "more queries than one call takes")
        parts.fill(queries: query..<query + heads, chunk: place) { part in
            var (pages, part) = (table, part)
            var asked = rudder_queries(
                queries: queries,
                out: part.out,
                stride: 0,
                rows: 1,
                heads: Int64(heads),
                position: Int64(position),
                window: Int64(window),
                scale: scale,
                next_keys: nil,
                scratch: nil
            )
            kernels.table.attend_chunk(&pages, &asked, Int64(number), &part)
        }
    }
}

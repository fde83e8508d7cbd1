import CKernels

/// What attention sums up chunk by chunk, for some queries, before it is joined: a part of each query's result for every chunk of positions.
///
/// Threads may fill different chunks and queries at once. Grows, never shrinks.
public final class AttentionParts: @unchecked Sendable {
    private var numbers = UnsafeMutableBufferPointer<Float>.allocate(capacity: 0)
    private var states = UnsafeMutableBufferPointer<rudder_running_softmax>.allocate(capacity: 0)
    private var chunkCount = 0
    private var headSize = 0

    /// Makes an empty one.
    public init() {}

    deinit {
        numbers.deallocate()
        states.deallocate()
    }

    /// Makes room; what was there is lost.
    ///
    /// - Parameters:
    ///   - queries: for how many queries.
    ///   - chunks: for how many chunks of each, at most.
    ///   - headSize: how many numbers a result has.
    public func reserve(queries: Int, chunks: Int, headSize: Int) {
        (chunkCount, self.headSize) = (chunks, headSize)
        if states.count < queries * chunks {
            states.deallocate()
            states = .allocate(capacity: queries * chunks)
        }
        if numbers.count < queries * chunks * headSize {
            numbers.deallocate()
            numbers = .allocate(capacity: queries * chunks * headSize)
        }
    }

    /// Lends room for a chunk of some successive queries, and keeps what `body` leaves there.
    @inline(__always)
    func fill(queries: Range<Int>, chunk: Int, _ body: (rudder_attention_part) -> Void) {
        precondition(chunk < chunkCount && queries.upperBound * chunkCount <= states.count, "a part that was not reserved")
        withUnsafeTemporaryAllocation(of: rudder_running_softmax.self, capacity: queries.count) { found in
            guard let base = numbers.baseAddress, let foundBase = found.baseAddress else { return }
            let first = base + (queries.lowerBound * chunkCount + chunk) * headSize
            body(rudder_attention_part(out: first, stride: 0, head_stride: Int64(chunkCount * headSize), states: foundBase))
            for (place, query) in queries.enumerated() { states[query * chunkCount + chunk] = found[place] }
        }
    }

    /// The result of a query, of its first `chunks` chunks.
    public func join(query: Int, chunks: Int, into out: UnsafeMutablePointer<Float>, kernels: KernelSet = .best) {
        precondition(chunks <= chunkCount && (query + 1) * chunkCount <= states.count, "a part that was not reserved")
        guard let numbers = numbers.baseAddress, let states = states.baseAddress else { return }
        let first = query * chunkCount
        kernels.table.join_chunks(numbers + first * headSize, states + first, Int64(chunks), Int64(headSize), out)
    }
}

import Compute
import Foundation
import TestSupport
import Testing

/// Attention over a paged cache, against plain loops in double precision, and every instruction set against the scalar one.
@Suite("Cache pages")
struct CachePagesTests {
    /// One head's pages with keys and values at every position, in blocks that are out of order.
    private final class Pages {
        let headSize: Int
        let keys: [[Float]]
        let values: [[Float]]
        let pages: CachePages
        private let memory: UnsafeMutablePointer<UInt16>
        private let table: UnsafeMutablePointer<Int32>

        init(positions: Int, headSize: Int, blockSize: Int, seed: UInt64) {
            var random = RandomNumbers(seed: seed)
            let rounded = { (values: [Float]) in values.map { Float(Float16($0)) } }
            let blocks = (positions + blockSize - 1) / blockSize
            let half = blocks * blockSize * headSize
            self.headSize = headSize
            keys = (0..<positions).map { _ in rounded(random.floats(headSize)) }
            values = (0..<positions).map { _ in rounded(random.floats(headSize)) }
            memory = .allocate(capacity: 2 * half + headSize)
            memory.initialize(repeating: 0, count: 2 * half + headSize)
            table = .allocate(capacity: blocks)
            for block in 0..<blocks { table[block] = Int32(blocks - 1 - block) }
            pages = CachePages(
                keys: memory,
                values: memory + half,
                blocks: table,
                blockStride: blockSize * headSize,
                blockShift: blockSize.trailingZeroBitCount,
                headSize: headSize
            )
            for position in 0..<positions {
                pages.store(key: keys[position], value: values[position], position: position, scratch: memory + 2 * half)
            }
        }

        deinit {
            memory.deallocate()
            table.deallocate()
        }

        func attend(_ queries: [Float], rows: Int, heads: Int, position: Int, window: Int, kernels: KernelSet) -> [Float] {
            var out = [Float](repeating: .nan, count: queries.count)
            var scratch = [Float](repeating: .nan, count: queries.count)
            pages.attend(
                queries: queries,
                into: &out,
                stride: heads * headSize,
                rows: rows,
                heads: heads,
                position: position,
                window: window,
                scale: 0.25,
                nextKeys: nil,
                scratch: &scratch,
                kernels: kernels
            )
            return out
        }

        /// The same for one row, chunk by chunk, the last first.
        func attendByChunks(_ queries: [Float], heads: Int, position: Int, window: Int, kernels: KernelSet) -> [Float] {
            let start = max(0, position - (window - 1))
            let chunks = start / CachePages.chunkSize..<position / CachePages.chunkSize + 1
            let parts = AttentionParts()
            // More room than is needed, as where other rows see more.
            parts.reserve(queries: heads + 1, chunks: chunks.count + 1, headSize: headSize)
            for chunk in chunks.reversed() {
                pages.attend(
                    chunk: chunk,
                    queries: queries,
                    heads: heads,
                    position: position,
                    window: window,
                    scale: 0.25,
                    into: parts,
                    at: 1,
                    chunk: chunk - chunks.lowerBound,
                    kernels: kernels
                )
            }
            var out = [Float](repeating: .nan, count: queries.count)
            out.withUnsafeMutableBufferPointer { out in
                guard let base = out.baseAddress else { return }
                for head in 0..<heads {
                    parts.join(query: head + 1, chunks: chunks.count, into: base + head * headSize, kernels: kernels)
                }
            }
            return out
        }

        func expected(_ query: ArraySlice<Float>, position: Int, window: Int) -> [Double] {
            let seen = max(0, position - (window - 1))...position
            let scores = seen.map { p in zip(query, keys[p]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } * 0.25 }
            let largest = scores.max() ?? 0
            let weights = scores.map { exp($0 - largest) }
            let sum = weights.reduce(0, +)
            return (0..<headSize).map { d in zip(seen, weights).reduce(0.0) { $0 + $1.1 * Double(values[$1.0][d]) } / sum }
        }
    }

    @Test("is the softmax of the scores over the values, for any head size, block size and window", arguments: [8, 20, 33, 64, 80, 128])
    func isRight(headSize: Int) {
        for (blockSize, window, position) in [
            (16, Int.max, 0), (16, Int.max, 15), (32, Int.max, 40), (64, 21, 90), (16, 5, 17), (16, 1, 33),
        ] {
            let pages = Pages(positions: 100, headSize: headSize, blockSize: blockSize, seed: UInt64(headSize + position))
            var random = RandomNumbers(seed: 3)
            for (rows, heads) in [(1, 1), (1, 3), (4, 3), (2, 8), (7, 2)] {
                let queries = random.floats(rows * heads * headSize)
                let scalar = pages.attend(queries, rows: rows, heads: heads, position: position, window: window, kernels: .scalar)
                for kernels in KernelSet.available {
                    let found = pages.attend(queries, rows: rows, heads: heads, position: position, window: window, kernels: kernels)
                    #expect(found.map(\.bitPattern) == scalar.map(\.bitPattern), "\(kernels.name), \(rows) rows of \(heads)")
                }
                for item in 0..<rows * heads {
                    let range = item * headSize..<(item + 1) * headSize
                    let expected = pages.expected(queries[range], position: position + item / heads, window: window)
                    for (found, expected) in zip(scalar[range], expected) { #expect(abs(Double(found) - expected) < 1e-5) }
                }
            }
        }
    }

    @Test(
        "over several chunks of positions it is as right, has the same bits by every set, and by chunks that were joined",
        arguments: [20, 64]
    )
    func chunks(headSize: Int) {
        let pages = Pages(positions: 3 * CachePages.chunkSize, headSize: headSize, blockSize: 16, seed: 9)
        var random = RandomNumbers(seed: 10)
        for (position, window) in [
            (CachePages.chunkSize - 3, Int.max), (CachePages.chunkSize - 1, 40), (2 * CachePages.chunkSize + 100, Int.max), (600, 300),
            (600, 20),
            (3 * CachePages.chunkSize - 8, 513),
        ] {
            let queries = random.floats(4 * 3 * headSize)
            let scalar = pages.attend(queries, rows: 4, heads: 3, position: position, window: window, kernels: .scalar)
            for item in 0..<12 {
                let range = item * headSize..<(item + 1) * headSize
                let expected = pages.expected(queries[range], position: position + item / 3, window: window)
                for (found, expected) in zip(scalar[range], expected) { #expect(abs(Double(found) - expected) < 1e-5) }
            }
            for kernels in KernelSet.available {
                let found = pages.attend(queries, rows: 4, heads: 3, position: position, window: window, kernels: kernels)
                #expect(found.map(\.bitPattern) == scalar.map(\.bitPattern), "\(kernels.name), position \(position), window \(window)")
                for row in 0..<4 {
                    let range = row * 3 * headSize..<(row + 1) * 3 * headSize
                    let joined = pages.attendByChunks(
                        Array(queries[range]),
                        heads: 3,
                        position: position + row,
                        window: window,
                        kernels: kernels
                    )
                    #expect(joined.map(\.bitPattern) == scalar[range].map(\.bitPattern), "\(kernels.name), row \(row)")
                }
            }
        }
    }

    @Test("a query's result has the same bits alone and among others")
    func queriesStandAlone() {
        let pages = Pages(positions: 100, headSize: 64, blockSize: 16, seed: 5)
        var random = RandomNumbers(seed: 6)
        let queries = random.floats(4 * 3 * 64)
        for window in [Int.max, 20] {
            let together = pages.attend(queries, rows: 4, heads: 3, position: 60, window: window, kernels: .best)
            for row in 0..<4 {
                let mine = Array(queries[row * 192..<(row + 1) * 192])
                let alone = pages.attend(mine, rows: 1, heads: 3, position: 60 + row, window: window, kernels: .best)
                #expect(alone.map(\.bitPattern) == together[row * 192..<(row + 1) * 192].map(\.bitPattern))
            }
        }
    }
}

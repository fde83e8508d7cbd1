import Compute
import Foundation
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
                kernels: kernels
            )
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

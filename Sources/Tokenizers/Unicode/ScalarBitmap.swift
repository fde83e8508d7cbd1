/// A ``ScalarSet`` made for being asked: a bit for each scalar, in pages of 256 of which equal ones are kept once.
struct ScalarBitmap: Sendable {
    /// The page of each 256 scalars.
    private var pages = [UInt16](repeating: 0, count: Int(ScalarSet.last >> 8) + 1)
    /// Four words a page; the first is empty.
    private var bits: [UInt64] = [0, 0, 0, 0]
    /// The bits of ASCII, which need no page.
    private let ascii: (UInt64, UInt64)

    init(_ set: ScalarSet) {
        var known: [[UInt64]: UInt16] = [[0, 0, 0, 0]: 0]
        var ranges = set.ranges[...]
        for page in pages.indices {
            let first = UInt32(page) << 8
            var words: [UInt64] = [0, 0, 0, 0]
            while let range = ranges.first, range.lowerBound <= first + 255 {
                let part = range.clamped(to: first...first + 255)
                for value in part { words[Int(value >> 6 & 3)] |= 1 << UInt64(value & 63) }
                guard range.upperBound <= first + 255 else { break }
                ranges.removeFirst()
            }
            if let number = known[words] {
                pages[page] = number
            } else {
                let number = UInt16(truncatingIfNeeded: known.count)
                known[words] = number
                pages[page] = number
                bits += words
            }
        }
        let first = Int(pages[0]) << 2
        ascii = (bits[first], bits[first + 1])
    }

    @inline(__always)
    func contains(_ value: UInt32) -> Bool {
        if value < 128 { return (value < 64 ? ascii.0 : ascii.1) >> UInt64(value & 63) & 1 != 0 }
        let page = Int(value >> 8)
        guard page < pages.count else { return false }
        return bits[Int(pages[page]) << 2 | Int(value >> 6 & 3)] >> UInt64(value & 63) & 1 != 0
    }
}

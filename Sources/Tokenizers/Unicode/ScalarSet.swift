/// A set of Unicode scalars, as sorted ranges that do not touch.
struct ScalarSet: Sendable, Equatable {
    /// The last scalar there is.
    static let last: UInt32 = 0x10ffff

    private(set) var ranges: [ClosedRange<UInt32>]

    /// The scalars of some ranges, which may overlap.
    init(_ ranges: [ClosedRange<UInt32>] = []) {
        self.ranges = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let open = self.ranges.last, range.lowerBound <= open.upperBound || range.lowerBound == open.upperBound + 1 {
                self.ranges[self.ranges.count - 1] = open.lowerBound...max(open.upperBound, range.upperBound)
            } else {
                self.ranges.append(range)
            }
        }
    }

    /// The scalars of some categories.
    init(_ categories: [GeneralCategory]) {
        let (runs, numbers) = (GeneralCategory.runs, Set(categories.map { UInt32($0.rawValue) }))
        var ranges: [ClosedRange<UInt32>] = []
        for (index, run) in runs.enumerated() where numbers.contains(run & 31) {
            ranges.append(run >> 5...(index + 1 < runs.count ? (runs[index + 1] >> 5) - 1 : Self.last))
        }
        self.init(ranges)
    }

    /// `\s`: the property White_Space.
    static let whiteSpace = Self([
        0x09...0x0d, 0x20...0x20, 0x85...0x85, 0xa0...0xa0, 0x1680...0x1680, 0x2000...0x200a, 0x2028...0x2029, 0x202f...0x202f,
        0x205f...0x205f, 0x3000...0x3000,
    ])

    /// The script Han (Unicode 16).
    static let han = Self([
        0x2e80...0x2e99, 0x2e9b...0x2ef3, 0x2f00...0x2fd5, 0x3005...0x3005, 0x3007...0x3007, 0x3021...0x3029, 0x3038...0x303b,
        0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfa6d, 0xfa70...0xfad9, 0x16fe2...0x16fe3, 0x16ff0...0x16ff1, 0x20000...0x2a6df,
        0x2a700...0x2b739, 0x2b740...0x2b81d, 0x2b820...0x2cea1, 0x2ceb0...0x2ebe0, 0x2ebf0...0x2ee5d, 0x2f800...0x2fa1d,
        0x30000...0x3134a, 0x31350...0x323af,
    ])

    /// All other scalars.
    var inverted: Self {
        var (gaps, next): ([ClosedRange<UInt32>], UInt32) = ([], 0)
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= Self.last { gaps.append(next...Self.last) }
        return Self(gaps)
    }

    func union(_ other: Self) -> Self {
        Self(ranges + other.ranges)
    }

    func intersection(_ other: Self) -> Self {
        var (found, left, right): ([ClosedRange<UInt32>], Int, Int) = ([], 0, 0)
        while left < ranges.count, right < other.ranges.count {
            let (one, two) = (ranges[left], other.ranges[right])
            if one.overlaps(two) { found.append(one.clamped(to: two)) }
            if one.upperBound < two.upperBound { left += 1 } else { right += 1 }
        }
        return Self(found)
    }

    /// With the other case of each ASCII letter, and the two letters beyond ASCII that fold to one: the long s and the Kelvin sign.
    var ignoringCase: Self {
        let small: ClosedRange<UInt32> = 0x61...0x7a
        let capital: ClosedRange<UInt32> = 0x41...0x5a
        var added: [ClosedRange<UInt32>] = []
        for range in ranges {
            if range.overlaps(small) {
                let part = range.clamped(to: small)
                added.append(part.lowerBound - 0x20...part.upperBound - 0x20)
            }
            if range.overlaps(capital) {
                let part = range.clamped(to: capital)
                added.append(part.lowerBound + 0x20...part.upperBound + 0x20)
            }
        }
        let both = Self(ranges + added)
        for (letter, folded) in [(UInt32(0x73), UInt32(0x17f)), (0x6b, 0x212a)] where both.contains(letter) || both.contains(folded) {
            added += [letter...letter, letter - 0x20...letter - 0x20, folded...folded]
        }
        return Self(ranges + added)
    }

    /// Whether a scalar is in the set, in logarithmic time: ``ScalarBitmap`` is for loops.
    func contains(_ value: UInt32) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(value)
    }
}

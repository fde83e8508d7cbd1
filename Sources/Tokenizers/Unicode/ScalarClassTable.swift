/// The class of every Unicode scalar, in pages of 256 of which equal ones are kept once.
package struct ScalarClassTable: Sendable {
    private var pages: [UInt16] = []
    private var classes: [UInt8] = []

    package init() {
        var all = [UInt8](repeating: ScalarClass.other.rawValue, count: Int(ScalarSet.last) + 1)
        let sets: [(ScalarSet, ScalarClass)] = [
            (ScalarSet(GeneralCategory.named("L")), .letter), (ScalarSet(GeneralCategory.named("N")), .number), (.whiteSpace, .space),
        ]
        for (set, kind) in sets {
            for range in set.ranges { for value in range { all[Int(value)] = kind.rawValue } }
        }
        var known: [ArraySlice<UInt8>: UInt16] = [:]
        for start in stride(from: 0, to: all.count, by: 256) {
            let page = all[start..<start + 256]
            if known[page] == nil {
                known[page] = UInt16(truncatingIfNeeded: known.count)
                classes += page
            }
            pages.append(known[page] ?? 0)
        }
    }

    /// The class of a scalar by its number.
    @inline(__always)
    func scalarClass(_ value: UInt32) -> ScalarClass {
        let page = Int(value >> 8)
        guard page < pages.count else { return .other }
        return ScalarClass(rawValue: classes[Int(pages[page]) << 8 | Int(value & 255)]) ?? .other
    }

    /// The class as its number, for tests: 0 other, 1 letter, 2 number, 3 white space.
    package func classNumber(_ value: UInt32) -> UInt8 {
        scalarClass(value).rawValue
    }
}

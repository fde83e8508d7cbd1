/// Finds strings by their bytes, never by what Unicode holds to be equal. Open addressing, with a seed of its own.
struct ByteStringIndex: Sendable {
    private let strings: ByteStrings
    /// Numbers of strings, or -1.
    private var slots: [Int32]
    private let seed = UInt64.random(in: .min ... .max)

    /// Indexes those strings that are included; of equal ones the first is found.
    init(_ strings: ByteStrings, where isIncluded: (Int) -> Bool = { _ in true }) {
        self.strings = strings
        var size = 16
        while size < strings.count * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        for index in 0..<strings.count where isIncluded(index) {
            let slot = slot(strings.bytes, strings.range(index))
            if slots[slot] < 0 { slots[slot] = Int32(truncatingIfNeeded: index) }
        }
    }

    /// The number of the string that equals a part of `bytes`; nil where none does.
    func find(_ bytes: [UInt8], _ range: Range<Int>) -> Int32? {
        let found = slots[slot(bytes, range)]
        return found < 0 ? nil : found
    }

    private func slot(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        var hash = seed
        for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3 }
        let product = hash.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        var slot = Int(truncatingIfNeeded: product.high ^ product.low) & (slots.count - 1)
        while slots[slot] >= 0, !isEqual(Int(slots[slot]), bytes, range) { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    private func isEqual(_ string: Int, _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let other = strings.range(string)
        guard other.count == range.count else { return false }
        for offset in 0..<range.count where strings.bytes[other.lowerBound + offset] != bytes[range.lowerBound + offset] { return false }
        return true
    }
}

/// UTF-8 bytes as a pre-tokenizer reads them: scalars with their classes, up to `limit`, as if the text ended there.
///
/// A byte that is not part of well-formed UTF-8 counts as one scalar of no class.
struct ScalarText {
    /// One scalar, and the offset behind its bytes.
    struct Element {
        let value: UInt32
        let kind: ScalarClass
        let end: Int
    }

    let bytes: [UInt8]
    var limit: Int
    let classes: ScalarClassTable

    /// The scalar at an offset; nil at the limit.
    @inline(__always)
    func element(at index: Int) -> Element? {
        guard index < limit else { return nil }
        let first = bytes[index]
        if first < 0x80 {
            return Element(value: UInt32(first), kind: classes.scalarClass(UInt32(first)), end: index + 1)
        }
        guard let (value, length) = UTF8Sequence.decode(bytes, at: index, limit: limit) else {
            return Element(value: 0xfffd, kind: .other, end: index + 1)
        }
        return Element(value: value, kind: classes.scalarClass(value), end: index + length)
    }

    /// The number of the scalar at an offset, and the offset behind it; nil at the limit.
    @inline(__always)
    func scalar(at index: Int) -> (value: UInt32, end: Int)? {
        guard index < limit else { return nil }
        let first = bytes[index]
        if first < 0x80 { return (UInt32(first), index + 1) }
        guard let (value, length) = UTF8Sequence.decode(bytes, at: index, limit: limit) else { return (0xfffd, index + 1) }
        return (value, index + length)
    }

    /// Where the scalar begins that ends at an offset above 0.
    func scalarStart(before index: Int) -> Int {
        for length in 2...4 where length <= index && bytes[index - 1] >= 0x80 {
            if let (_, found) = UTF8Sequence.decode(bytes, at: index - length, limit: index), found == length { return index - length }
        }
        return index - 1
    }

    /// The end of the run of one class that starts at `index`.
    func runEnd(of kind: ScalarClass, from index: Int) -> Int {
        var end = index
        while let next = element(at: end), next.kind == kind { end = next.end }
        return end
    }
}

/// Text as scalars, each with its class and the place of its bytes. A byte that is not part of valid UTF-8 counts as one scalar of no class.
struct ScalarText {
    private(set) var values: [UInt32] = []
    private(set) var classes: [ScalarClass] = []
    /// Where each scalar's bytes start, and at last where the text ends.
    private(set) var offsets: [Int] = []

    init(_ bytes: ArraySlice<UInt8>) {
        values.reserveCapacity(bytes.count)
        classes.reserveCapacity(bytes.count)
        offsets.reserveCapacity(bytes.count + 1)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            offsets.append(index)
            if bytes[index] < 0x80 {
                append(Unicode.Scalar(bytes[index]))
                index += 1
                continue
            }
            let length = UTF8Sequence.length(at: index, in: bytes)
            if let length, let scalar = UTF8Sequence.scalar(bytes[index..<index + length]) {
                append(scalar)
                index += length
            } else {
                values.append(0xfffd)
                classes.append(.other)
                index += 1
            }
        }
        offsets.append(bytes.endIndex)
    }

    /// The number of scalars.
    var count: Int {
        values.count
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        values.append(scalar.value)
        classes.append(ScalarClass(scalar))
    }
}

/// Many byte strings in one block of memory.
struct ByteStrings: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = [0]

    /// The number of strings.
    var count: Int {
        ends.count - 1
    }

    init(capacity: Int) {
        ends.reserveCapacity(capacity + 1)
        bytes.reserveCapacity(capacity * 8)
    }

    init(_ strings: [[UInt8]]) {
        self.init(capacity: strings.count)
        for string in strings { append { $0 += string } }
    }

    /// Adds the string that `write` appends.
    mutating func append(_ write: (inout [UInt8]) -> Void) {
        write(&bytes)
        ends.append(bytes.count)
    }

    /// Where a string lies in ``bytes``.
    func range(_ index: Int) -> Range<Int> {
        ends[index]..<ends[index + 1]
    }

    /// One of the strings; `index` is below ``count``.
    subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[range(index)]
    }
}

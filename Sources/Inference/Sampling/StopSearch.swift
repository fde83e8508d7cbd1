/// Looks for one text in a stream of bytes, each of which is looked at once (Knuth, Morris and Pratt, doi:10.1137/0206024).
struct StopSearch: Sendable {
    private let bytes: [UInt8]
    /// fallbacks[i] is the length of the longest text that both begins the first i + 1 bytes and ends them, but for all of them.
    private let fallbacks: [Int]
    /// How many of the text's bytes the stream ends with.
    private(set) var matched = 0

    /// - Parameter bytes: the text, at least one byte.
    init(_ bytes: [UInt8]) {
        var fallbacks = [Int](repeating: 0, count: bytes.count)
        var length = 0
        for index in bytes.indices.dropFirst() {
            while length > 0, bytes[length] != bytes[index] { length = fallbacks[length - 1] }
            if bytes[length] == bytes[index] { length += 1 }
            fallbacks[index] = length
        }
        self.bytes = bytes
        self.fallbacks = fallbacks
    }

    /// How many bytes the text has.
    var length: Int {
        bytes.count
    }

    /// Takes the stream's next byte.
    ///
    /// - Returns: whether the text is complete; the search is then over.
    mutating func advance(_ byte: UInt8) -> Bool {
        while matched > 0, bytes[matched] != byte { matched = fallbacks[matched - 1] }
        if bytes[matched] == byte { matched += 1 }
        return matched == bytes.count
    }
}

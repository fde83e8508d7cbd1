/// `\s+(?!\S)|\s+`: runs of white space leave their last scalar to the word behind them.
enum WhiteSpace {
    /// The end of the word that white space at `index` begins.
    ///
    /// - Parameter endsBeforeNumbers: whether the text is taken to end where a number stands.
    static func end(_ text: ScalarText, from index: Int, endsBeforeNumbers: Bool = false) -> Int {
        var (last, end) = (index, index)
        while let next = text.element(at: end), next.kind == .space { (last, end) = (end, next.end) }
        guard last > index, let next = text.element(at: end) else { return end }
        return endsBeforeNumbers && next.kind == .number ? end : last
    }

    /// The end of the white space that begins at `index`, which may be none.
    static func end(_ bytes: [UInt8], from index: Int) -> Int {
        var end = index
        while end < bytes.count, let (value, length) = UTF8Sequence.decode(bytes, at: end, limit: bytes.count),
            ScalarSet.whiteSpace.contains(value)
        {
            end += length
        }
        return end
    }

    /// The start of the white space that ends at `index`, not before `start`.
    static func start(_ bytes: [UInt8], before index: Int, from start: Int) -> Int {
        var found = index
        // Three bytes at most: no white space lies beyond U+3000.
        while let length = (1...3).first(where: { length in
            guard found - length >= start, let (value, decoded) = UTF8Sequence.decode(bytes, at: found - length, limit: found) else {
                return false
            }
            return decoded == length && ScalarSet.whiteSpace.contains(value)
        }) {
            found -= length
        }
        return found
    }
}

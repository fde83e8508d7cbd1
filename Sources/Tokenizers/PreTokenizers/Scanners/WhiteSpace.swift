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

    /// Whether a byte is white space of ASCII.
    static func isASCII(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }
}

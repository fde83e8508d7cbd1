/// Turns text without special tokens into tokens.
protocol TextEncoder: Sendable {
    /// Appends the tokens of the bytes at a range that is not empty.
    ///
    /// - Parameter isFirst: whether the text begins the whole.
    func encode(_ bytes: [UInt8], _ range: Range<Int>, isFirst: Bool, _ work: inout BytePairWorkspace, into tokens: inout [TokenID])

    /// Bytes that no token stands for; encoding leaves them out.
    var missingBytes: [UInt8] { get }
}

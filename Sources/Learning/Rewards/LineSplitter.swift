/// Takes pieces of text, and gives whole lines.
struct LineSplitter {
    /// The longest line.
    static let maximumBytes = 1 << 20

    /// What came behind the last line's end.
    private(set) var rest: [UInt8] = []

    /// Takes the next piece.
    ///
    /// - Returns: the lines that ended in it, without their ends; nil where a line is too long.
    mutating func add(_ piece: some Collection<UInt8>) -> [String]? {
        var lines: [String] = []
        for byte in piece {
            guard byte != 0x0A else {
                lines.append(String(decoding: rest, as: UTF8.self))
                rest.removeAll(keepingCapacity: true)
                continue
            }
            guard rest.count < Self.maximumBytes else { return nil }
            rest.append(byte)
        }
        return lines
    }
}

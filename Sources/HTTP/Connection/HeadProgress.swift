/// Tells when looking for a head anew is worth it, as its bytes arrive: where it may have ended, and else only each time as much again has
/// come. So a head that drips in byte by byte is not parsed once for each byte.
package struct HeadProgress {
    private var parsedCount = 0
    private var scannedCount = 0

    package init() {}

    /// Looks at what has arrived.
    package mutating func isWorthParsing(_ bytes: ArraySlice<UInt8>, limit: Int) -> Bool {
        let hasEnd = hasEmptyLine(bytes)
        guard hasEnd || bytes.count >= limit || bytes.count >= 2 * parsedCount else { return false }
        parsedCount = bytes.count
        return true
    }

    /// Whether an empty line, however it ends, is among what was not looked at yet.
    private mutating func hasEmptyLine(_ bytes: ArraySlice<UInt8>) -> Bool {
        var index = bytes.startIndex + max(0, scannedCount - 3)
        scannedCount = bytes.count
        while let newline = bytes[index...].firstIndex(of: 0x0a) {
            let next = newline + 1
            if next < bytes.endIndex, bytes[next] == 0x0a { return true }
            if next + 1 < bytes.endIndex, bytes[next] == 0x0d, bytes[next + 1] == 0x0a { return true }
            index = next
        }
        return false
    }
}

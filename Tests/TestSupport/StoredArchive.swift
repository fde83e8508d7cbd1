/// Writes zip archives without compression, as PyTorch does (PKWARE's APPNOTE.TXT, section 4.3).
package enum StoredArchive {
    /// The archive of some files.
    ///
    /// - Parameter copies: further names that the directory has for the bytes of the first file.
    package static func of(_ files: [(name: String, content: [UInt8])], copies: [String] = []) -> [UInt8] {
        var (archive, directory) = ([UInt8](), [UInt8]())
        for (index, (name, content)) in files.enumerated() {
            let start = archive.count
            let sizes = little(checksum(content)) + little(UInt32(content.count)) + little(UInt32(content.count))
            let common = little(UInt64(20)) + little(UInt16(0)) + sizes
            archive += little(UInt32(0x0403_4b50)) + common + little(UInt16(name.utf8.count)) + little(UInt16(0))
            archive += Array(name.utf8) + content
            for name in index == 0 ? [name] + copies : [name] {
                directory += little(UInt32(0x0201_4b50)) + little(UInt16(20)) + common + little(UInt16(name.utf8.count))
                directory += [UInt8](repeating: 0, count: 12) + little(UInt32(start)) + Array(name.utf8)
            }
        }
        let count = little(UInt16(files.count + copies.count))
        let end = count + count + little(UInt32(directory.count)) + little(UInt32(archive.count)) + little(UInt16(0))
        return archive + directory + little(UInt32(0x0605_4b50)) + little(UInt32(0)) + end
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xedb8_8320 }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }

    private static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

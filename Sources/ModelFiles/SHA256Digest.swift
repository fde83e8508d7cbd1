/// A SHA-256 checksum (FIPS 180-4).
public struct SHA256Digest: Sendable, Hashable {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// The checksum of bytes in memory.
    ///
    /// - Throws: ``ModelFileError/system(path:operation:reason:)`` where OpenSSL refuses.
    public static func of(_ content: [UInt8]) throws(ModelFileError) -> SHA256Digest {
        let hasher = try SHA256Hasher(of: "bytes in memory")
        content.withUnsafeBytes { hasher.update($0) }
        return try hasher.finish()
    }

    /// The checksum of a file, read in pieces. Blocks while it reads: not for the cooperative pool.
    ///
    /// - Throws: ``ModelFileError/missingFile(path:operation:)`` or ``ModelFileError/system(path:operation:reason:)`` where it cannot be read.
    public static func ofFile(path: String) throws(ModelFileError) -> SHA256Digest {
        let file = try FileDescriptor(forReading: path)
        let hasher = try SHA256Hasher(of: path)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = try file.readNext(into: buffer)
            if count == 0 { return try hasher.finish() }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        }
    }

    /// The checksum in lower-case hexadecimal digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

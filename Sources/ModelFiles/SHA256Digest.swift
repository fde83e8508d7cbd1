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
        try ofFiles(paths: [path])
    }

    /// The checksum of files as if they were one, each behind the one before: see ``ofFile(path:)``.
    public static func ofFiles(paths: [String]) throws(ModelFileError) -> SHA256Digest {
        let hasher = try SHA256Hasher(of: paths.first ?? "no file")
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        for path in paths {
            let file = try FileDescriptor(forReading: path)
            while case let count = try file.readNext(into: buffer), count > 0 {
                hasher.update(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
            }
        }
        return try hasher.finish()
    }

    /// The checksum in lower-case hexadecimal digits.
    public var hex: String { Self.hex(bytes) }

    /// Bytes in lower-case hexadecimal digits.
    package static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

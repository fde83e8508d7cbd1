import COpenSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A SHA-256 checksum (FIPS 180-4).
public struct SHA256Digest: Sendable, Hashable {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// The checksum of bytes in memory.
    ///
    /// - Throws: ``ModelFileError/system(path:operation:reason:)`` where OpenSSL is out of memory.
    public static func of(_ content: [UInt8]) throws(ModelFileError) -> SHA256Digest {
        let hasher = try SHA256Hasher()
        content.withUnsafeBytes { hasher.update($0) }
        return hasher.finish()
    }

    /// The checksum of a file, read in pieces.
    ///
    /// - Throws: ``ModelFileError/system(path:operation:reason:)`` where it cannot be read.
    public static func ofFile(path: String) throws(ModelFileError) -> SHA256Digest {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .lastSystemError(path, "open") }
        defer { close(descriptor) }
        let hasher = try SHA256Hasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .lastSystemError(path, "read") }
            if count == 0 { return hasher.finish() }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        }
    }

    /// The checksum in lower-case hexadecimal digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// A running SHA-256 of OpenSSL.
private final class SHA256Hasher {
    private let context: OpaquePointer

    init() throws(ModelFileError) {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            throw .system(path: "", operation: "compute a SHA-256 of", reason: "OpenSSL refused")
        }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    func update(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    func finish() -> SHA256Digest {
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &digest, nil)
        return SHA256Digest(bytes: digest)
    }
}

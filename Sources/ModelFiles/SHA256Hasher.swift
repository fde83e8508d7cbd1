import COpenSSL

/// A running SHA-256 of OpenSSL.
package final class SHA256Hasher {
    private let context: OpaquePointer
    private let what: String
    private var isSound = true

    package init(of what: String) throws(ModelFileError) {
        // Else OpenSSL frees its locks when the process exits, under the hands of threads that still compute.
        guard OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1 else { throw Self.refusal(what) }
        guard let context = EVP_MD_CTX_new() else { throw Self.refusal(what) }
        guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw Self.refusal(what)
        }
        self.context = context
        self.what = what
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Takes the next bytes in.
    package func update(_ bytes: UnsafeRawBufferPointer) {
        isSound = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 && isSound
    }

    /// The checksum of all bytes.
    package func finish() throws(ModelFileError) -> SHA256Digest {
        var digest = [UInt8](repeating: 0, count: 32)
        guard isSound, EVP_DigestFinal_ex(context, &digest, nil) == 1 else { throw Self.refusal(what) }
        return SHA256Digest(bytes: digest)
    }

    private static func refusal(_ what: String) -> ModelFileError {
        .system(path: what, operation: "compute the SHA-256 of", reason: "OpenSSL refused")
    }
}

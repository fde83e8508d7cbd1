import ModelFiles

/// Names content.
enum Fingerprint {
    /// The SHA-256 in hexadecimal digits.
    static func of(_ bytes: [UInt8]) throws(ModelFileError) -> String {
        try SHA256Digest.of(bytes).hex
    }
}

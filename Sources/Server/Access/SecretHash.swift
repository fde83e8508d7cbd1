import Foundation
import ModelFiles

/// What is kept of a secret, such as an API key: a salt and the SHA-256 of the salt and the secret.
///
/// One round is enough for secrets of 256 random bits, which nobody can guess however fast guesses are checked; a slow hash would only let
/// whoever sends wrong secrets keep the processor busy. Secrets that people think up are another matter: ``shortest`` keeps the worst of them out.
package struct SecretHash: Sendable, Hashable {
    private let salt: [UInt8]
    private let digest: [UInt8]

    /// The fewest bytes of a secret that is hashed.
    package static let shortest = 16
    /// The most bytes of a secret: what is longer is none of ours, and not worth the time to hash it.
    package static let longest = 256
    private static let saltBytes = 16
    private static let scheme = "sha256"

    /// Hashes a secret with a salt of its own.
    package init(of secret: String) throws(ModelFileError) {
        var generator = SystemRandomNumberGenerator()
        salt = (0..<Self.saltBytes).map { _ in .random(in: 0...255, using: &generator) }
        digest = try Self.digest(salt, secret)
    }

    /// Reads what ``text`` wrote, `sha256:SALT:DIGEST` in hexadecimal digits; nil for anything else.
    package init?(parsing text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.scheme, let salt = Self.bytes(parts[1]), let digest = Self.bytes(parts[2]),
            salt.count >= 8, salt.count <= 64, digest.count == 32
        else { return nil }
        self.salt = salt
        self.digest = digest
    }

    /// Whether a text claims to be a hash, and not a secret itself.
    package static func isNamed(in text: String) -> Bool {
        text.hasPrefix("\(scheme):")
    }

    /// As it is written in files: `sha256:SALT:DIGEST`.
    package var text: String {
        "\(Self.scheme):\(SHA256Digest.hex(salt)):\(SHA256Digest.hex(digest))"
    }

    /// Whether a secret is the one that was hashed. Takes the same time whatever the secrets have in common.
    package func matches(_ secret: String) -> Bool {
        guard let found = try? Self.digest(salt, secret), found.count == digest.count else { return false }
        var difference: UInt8 = 0
        for (first, second) in zip(found, digest) { difference |= first ^ second }
        return difference == 0
    }

    private static func digest(_ salt: [UInt8], _ secret: String) throws(ModelFileError) -> [UInt8] {
        try SHA256Digest.of(salt + Array(secret.utf8)).bytes
    }

    private static func bytes(_ hex: Substring) -> [UInt8]? {
        let digits = Array(hex.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

/// A version's file in the registry's directory.
struct RegistryEntry: Hashable, Sendable {
    let name: String
    let version: Int
    /// What its name says of its content.
    let sha256: String
    /// From the root of the registry on.
    let path: String

    /// The file's own name: `VERSION-SHA256.safetensors`.
    static func fileName(version: Int, sha256: String) -> String {
        "\(version)-\(sha256)\(suffix)"
    }

    /// The name of the file whose maker owns a version.
    static func claimName(version: Int) -> String {
        "\(version)\(claimSuffix)"
    }

    private static let suffix = ".safetensors"
    private static let claimSuffix = ".claim"

    /// Reads a file's name; nil where it is not that of a version.
    init?(root: String, name: String, file: String) {
        guard file.hasSuffix(Self.suffix) else { return nil }
        let parts = file.dropLast(Self.suffix.count).split(separator: "-", omittingEmptySubsequences: false)
        let hexadecimal = UInt8(ascii: "0")...UInt8(ascii: "f")
        guard parts.count == 2, let version = Self.number(parts[0]), parts[1].utf8.count == 64,
            parts[1].utf8.allSatisfy({ hexadecimal.contains($0) })
        else { return nil }
        self.name = name
        self.version = version
        sha256 = String(parts[1])
        path = "\(root)/\(name)/\(file)"
    }

    /// The version that a claim's name is for; nil where it is not one's name.
    static func claimedVersion(_ file: String) -> Int? {
        file.hasSuffix(claimSuffix) ? number(file.dropLast(claimSuffix.count)) : nil
    }

    private static func number(_ text: Substring) -> Int? {
        guard let number = Int(text), number > 0, "\(number)" == text else { return nil }
        return number
    }
}

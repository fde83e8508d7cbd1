import Control

/// What is known of one version of a head.
public struct HeadDescription: Sendable, Codable, Equatable {
    /// The name that requests use.
    public let name: String
    /// The version, from 1 on.
    public let version: Int
    /// The file's SHA-256 in hexadecimal digits.
    public let sha256: String
    /// The file's size.
    public let byteCount: Int
    /// When the file was stored, in seconds since 1970.
    public let createdAt: Int
    /// Whether it comes with the server and is read-only.
    public let isBundled: Bool
    /// The model it was trained on, for people; nil where the file does not say.
    public let model: String?
    /// Where in the model its states are taken.
    public let site: String
    /// The width of the states.
    public let hiddenSize: Int
    /// The number of weight matrices.
    public let layers: Int
    /// The file's metadata.
    public let metadata: [String: String]

    init(_ function: ValueFunction, name: String, version: Int, sha256: String, byteCount: Int, createdAt: Int, isBundled: Bool) {
        self.name = name
        self.version = version
        self.sha256 = sha256
        self.byteCount = byteCount
        self.createdAt = createdAt
        self.isBundled = isBundled
        model = function.metadata["model"]
        site = function.site.description
        hiddenSize = function.hiddenSize
        layers = function.layerCount
        metadata = function.metadata
    }
}

import Inference

extension JSONParser {
    /// What is longer, in bytes, is parsed off the cooperative pool.
    private static let shortDocument = 64 << 10

    /// Parses a document that may be long.
    ///
    /// - Throws: ``JSONParseError``
    package static func parseAside(_ bytes: [UInt8]) async throws -> JSONValue {
        bytes.count <= shortDocument ? try parse(bytes) : try await OffPool.run { try parse(bytes) }
    }
}

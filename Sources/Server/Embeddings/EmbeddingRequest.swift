import Inference
import ModelFiles

/// A decoded request of `/v1/embeddings`.
package struct EmbeddingRequest: Sendable {
    /// How the numbers are written.
    package enum Encoding: String, Sendable, CaseIterable {
        /// As JSON numbers.
        case float
        /// Four bytes each, little-endian, as base64.
        case base64
    }

    /// The model's id.
    package var model: String
    /// The texts.
    package var inputs: [PromptInput]
    package var encoding: Encoding
    /// How many numbers are returned, the first ones; nil for all.
    package var dimensions: Int?
    /// How the states of a text become one.
    package var pooling: StatePooling

    /// Decodes a request's body. Beyond OpenAI's fields: `pooling`, `mean` or `last`.
    package init(_ value: JSONValue) throws(APIError) {
        let fields = try JSONFields.body(value)
        guard let model = try fields.string("model") else {
            throw .invalid("model", "You must provide a 'model'; GET /v1/models lists them.")
        }
        self.model = model
        inputs = try PromptInput.decode(fields, "input", maximumCount: 2048)
        encoding = try Self.word(fields, "encoding_format") ?? .float
        pooling = try Self.word(fields, "pooling") ?? .mean
        _ = try fields.string("user")
        dimensions = try fields.integer("dimensions", in: 1...Int(Int32.max))
    }

    private static func word<Word: RawRepresentable<String> & CaseIterable>(_ fields: JSONFields, _ name: String) throws(APIError) -> Word?
    {
        guard let text = try fields.string(name) else { return nil }
        guard let word = Word(rawValue: text.word) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: " or ")
            throw .invalid(name, "'\(name)' must be \(words), not '\(text.word)'.")
        }
        return word
    }
}

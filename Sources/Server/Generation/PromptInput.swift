import Inference
import Tokenizers

/// One text that a model is to read, as a request gives it.
package enum PromptInput: Sendable, Equatable {
    case text(String)
    case tokens([Int32])

    /// Decodes a field that is a string, an array of token ids, or an array of either.
    ///
    /// - Parameter maximumCount: most texts.
    package static func decode(_ fields: JSONFields, _ name: String, maximumCount: Int) throws(APIError) -> [PromptInput] {
        let expected = "a string, an array of token ids, or an array of either"
        guard let value = fields.value(name) else {
            throw .invalid(name, "You must provide '\(name)': \(expected).")
        }
        if case .string(let text) = value { return [.text(text)] }
        guard case .array(let elements) = value else { throw fields.mismatch(name, expected, value) }
        guard let first = elements.first else { throw .invalid(name, "'\(name)' must not be empty.") }
        if case .number = first { return [.tokens(try tokens(elements, fields, name))] }
        guard elements.count <= maximumCount else {
            throw .invalid(name, "'\(name)' must hold at most \(maximumCount) texts.")
        }
        var inputs: [PromptInput] = []
        for element in elements {
            switch element {
            case .string(let text): inputs.append(.text(text))
            case .array(let ids): inputs.append(.tokens(try tokens(ids, fields, name)))
            default: throw fields.mismatch(name, expected, element)
            }
        }
        return inputs
    }

    private static func tokens(_ elements: [JSONValue], _ fields: JSONFields, _ name: String) throws(APIError) -> [Int32] {
        guard !elements.isEmpty else { throw .invalid(name, "'\(name)' must not be empty.") }
        var tokens: [Int32] = []
        tokens.reserveCapacity(elements.count)
        for element in elements {
            tokens.append(Int32(try fields.integer(element, name: name, in: 0...Int(Int32.max))))
        }
        return tokens
    }

    /// The tokens of inputs, with their text.
    ///
    /// - Parameters:
    ///   - field: The request's field that holds them, for errors.
    package static func encode(_ inputs: [PromptInput], field: String, model: LoadedModel) async throws -> [(
        tokens: [Int32], echo: CompletionEcho
    )] {
        var encoded: [(tokens: [Int32], echo: CompletionEcho)] = []
        for input in inputs { encoded.append(try await input.encode(field: field, model: model)) }
        return encoded
    }

    private func encode(field: String, model: LoadedModel) async throws -> (tokens: [Int32], echo: CompletionEcho) {
        let tokenizer = model.tokenizer
        switch self {
        case .text(let text):
            let tokens = try await PromptTokens.encode(text, tokenizer: tokenizer, addBeginning: true)
            guard !tokens.isEmpty else { throw APIError.invalid(field, "'\(field)' must not be empty.") }
            let begins = tokenizer.addsBeginningOfSequence && tokens.first == tokenizer.beginningOfSequence
            return (tokens, CompletionEcho(text: text, hidesFirstToken: begins))
        case .tokens(let tokens):
            if let token = tokens.first(where: { Int($0) >= tokenizer.vocabularySize }) {
                throw APIError.invalid(field, "'\(field)' holds the token \(token), but '\(model.id)' has \(tokenizer.vocabularySize).")
            }
            let text = try await PromptTokens.decode(tokens, tokenizer: tokenizer, skipSpecial: false)
            return (tokens, CompletionEcho(text: text, hidesFirstToken: false))
        }
    }
}

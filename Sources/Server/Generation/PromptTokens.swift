import Inference
import Tokenizers

/// Encodes and decodes prompts, long ones off the cooperative pool.
package enum PromptTokens {
    /// What is longer, in bytes or tokens, is worked on off the pool.
    static let shortPrompt = 8192

    /// The token ids of a text; texts of special tokens within it become those tokens.
    ///
    /// - Parameters:
    ///   - parseSpecial: Whether they do.
    ///   - addBeginning: Whether the beginning-of-sequence token comes first, if the vocabulary wants that.
    package static func encode(
        _ text: String,
        tokenizer: Tokenizer,
        parseSpecial: Bool = true,
        addBeginning: Bool
    ) async throws -> [Int32] {
        if text.utf8.count <= shortPrompt {
            return tokenizer.encode(text, parseSpecial: parseSpecial, addBeginning: addBeginning)
        }
        return try await OffPool.run { tokenizer.encode(text, parseSpecial: parseSpecial, addBeginning: addBeginning) }
    }

    /// The text of tokens.
    package static func decode(_ tokens: [Int32], tokenizer: Tokenizer, skipSpecial: Bool) async throws -> String {
        if tokens.count <= shortPrompt { return tokenizer.decode(tokens, skipSpecial: skipSpecial) }
        return try await OffPool.run { tokenizer.decode(tokens, skipSpecial: skipSpecial) }
    }
}

import ModelFiles

/// What a model's files say of text: its tokenizer and its chat template.
public struct TokenizerFiles: Sendable {
    /// The tokenizer.
    public let tokenizer: Tokenizer
    /// The source of the chat template; nil where there is none.
    public let chatTemplate: String?

    /// Reads a model's tokenizer.
    ///
    /// - Throws: ``TokenizerError``
    public init(source: any ModelSource) throws(TokenizerError) {
        let rows = source.tensors["token_embd.weight"]?.shape.first
        if let folder = source as? HuggingFaceFolder {
            let settings = try HuggingFaceTokenizerSettings(folder: folder)
            tokenizer = try Tokenizer(
                TokenizerVocabulary(folder: folder, settings: settings, rows: rows)
            )
            chatTemplate = settings.chatTemplate
        } else {
            tokenizer = try Tokenizer(TokenizerVocabulary(gguf: source))
            do { chatTemplate = try source.string("tokenizer.chat_template") } catch { throw .file(error) }
        }
        if let rows, tokenizer.vocabularySize > rows { throw .tooFewEmbeddings(tokens: tokenizer.vocabularySize, rows: rows) }
    }
}

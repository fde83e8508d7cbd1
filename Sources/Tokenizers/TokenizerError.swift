import ModelFiles

/// Why a vocabulary is not one that can be used.
public enum TokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file itself is damaged, or a key has another type.
    case file(ModelFileError)
    /// A key that a tokenizer needs is absent.
    case missingKey(String)
    /// The kind of tokenizer is none that is built in.
    case unsupportedModel(String)
    /// The pre-tokenizer is none that is built in.
    case unsupportedPreTokenizer(String, supported: [String])
    /// A part of a `tokenizer.json` is of a kind that is not built in.
    case unsupportedPart(String, String, expected: String)
    /// Two lists that belong together have different lengths.
    case countMismatch(key: String, found: Int, expected: Int)
    /// More tokens than ids.
    case tooManyTokens(Int)
    /// The model has fewer embeddings than there are tokens.
    case tooFewEmbeddings(tokens: Int, rows: Int)
    /// No token stands for a printable ASCII character.
    case missingByte(UInt8)
    /// A special token's id is not in the vocabulary.
    case tokenOutOfRange(key: String, id: Int, vocabularySize: Int)

    /// One sentence: what was wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .file(let error): "\(error)"
        case .missingKey(let key): "metadata key or file '\(key)' is missing"
        case .unsupportedModel(let name):
            "tokenizer model '\(name)' is not supported; expected gpt2 (byte-level BPE), llama (SentencePiece) or gemma4 (BPE of characters)"
        case .unsupportedPreTokenizer(let name, let supported):
            "pre-tokenizer '\(name)' is not supported; expected one of: \(supported.joined(separator: ", "))"
        case .unsupportedPart(let file, let part, let expected): "\(file) has \(part), which is not supported; expected \(expected)"
        case .countMismatch(let key, let found, let expected): "metadata key '\(key)' has \(found) entries; expected \(expected)"
        case .tooManyTokens(let count): "the vocabulary has \(count) tokens; expected at most \(Int32.max)"
        case .tooFewEmbeddings(let tokens, let rows):
            "the vocabulary has \(tokens) tokens; expected at most \(rows), the rows of the embeddings"
        case .missingByte(let byte): "the vocabulary has no token for the byte \(byte)"
        case .tokenOutOfRange(let key, let id, let size): "metadata key '\(key)' is \(id); expected 0 to \(size - 1)"
        }
    }
}

extension String {
    /// In quotes, without what could break a line of output.
    var quotedText: String {
        debugDescription
    }
}

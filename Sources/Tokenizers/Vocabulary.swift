import ModelFiles

/// What a file says of its tokenizer.
struct Vocabulary {
    /// The tokens as the file spells them: byte-level BPE writes each byte as a printable character.
    var tokens: [[UInt8]]
    /// What each token is for.
    var kinds: [TokenKind]
    /// Pairs of tokens that become one, the most urgent first, as `left right`.
    var merges: [[UInt8]]
    var preTokenizer: PreTokenizer
    var beginningOfSequence: TokenID?
    var endOfSequence: TokenID?
    /// Further tokens that end an answer.
    var endOfTurn: [TokenID] = []
    var addsBeginningOfSequence = false
}

extension Vocabulary {
    /// Reads a GGUF file's `tokenizer.ggml` keys.
    init(gguf: GGUFFile) throws(TokenizerError) {
        let metadata = TokenizerMetadata(file: gguf)
        guard let model = try metadata.read({ file throws(ModelFileError) in try file.string("tokenizer.ggml.model") }) else {
            throw .missingKey("tokenizer.ggml.model")
        }
        guard model == "gpt2" else { throw .unsupportedModel(model) }
        guard let tokens = try metadata.read({ file throws(ModelFileError) in try file.strings("tokenizer.ggml.tokens") }) else {
            throw .missingKey("tokenizer.ggml.tokens")
        }
        guard let merges = try metadata.read({ file throws(ModelFileError) in try file.strings("tokenizer.ggml.merges") }) else {
            throw .missingKey("tokenizer.ggml.merges")
        }
        let kinds = try metadata.read { file throws(ModelFileError) in try file.integers("tokenizer.ggml.token_type") }
        if let kinds, kinds.count != tokens.count {
            throw .countMismatch(key: "tokenizer.ggml.token_type", found: kinds.count, expected: tokens.count)
        }
        let name = try metadata.read { file throws(ModelFileError) in try file.string("tokenizer.ggml.pre") } ?? "gpt-2"
        guard let preTokenizer = PreTokenizer(name: name) else {
            throw .unsupportedPreTokenizer(name, supported: PreTokenizer.names)
        }
        self.tokens = tokens
        self.merges = merges
        self.preTokenizer = preTokenizer
        self.kinds = kinds.map { $0.map { TokenKind(rawValue: $0) ?? .normal } } ?? [TokenKind](repeating: .normal, count: tokens.count)
        beginningOfSequence = try metadata.token("bos", of: tokens.count)
        endOfSequence = try metadata.token("eos", of: tokens.count)
        endOfTurn = [try metadata.token("eot", of: tokens.count), try metadata.token("eom", of: tokens.count)].compactMap { $0 }
        addsBeginningOfSequence =
            try metadata.read { file throws(ModelFileError) in try file.bool("tokenizer.ggml.add_bos_token") }
            ?? (preTokenizer.addsBeginningByDefault && beginningOfSequence != nil)
    }
}

/// Reads keys of a GGUF file with the tokenizer's errors.
private struct TokenizerMetadata {
    let file: GGUFFile

    func read<Value>(_ body: (GGUFFile) throws(ModelFileError) -> Value) throws(TokenizerError) -> Value {
        do { return try body(file) } catch { throw .file(error) }
    }

    func token(_ name: String, of count: Int) throws(TokenizerError) -> TokenID? {
        let key = "tokenizer.ggml.\(name)_token_id"
        guard let id = try read({ file throws(ModelFileError) in try file.integer(key) }) else { return nil }
        // An id of all ones is how some files say that there is none.
        guard id != Int(UInt32.max), id != -1 else { return nil }
        guard (0..<count).contains(id) else { throw .tokenOutOfRange(key: key, id: id, vocabularySize: count) }
        return TokenID(id)
    }
}

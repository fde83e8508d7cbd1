import ModelFiles

extension TokenizerVocabulary {
    /// Reads a GGUF file's `tokenizer.ggml` keys. A file that names no pre-tokenizer is from before there were others than GPT-2's.
    package init(gguf: GGUFFile) throws(TokenizerError) {
        let metadata = TokenizerMetadata(file: gguf)
        let model = try metadata.require("model") { file, key throws(ModelFileError) in try file.string(key) }
        guard model == "gpt2" else { throw .unsupportedModel(model) }
        let pre = try metadata.read("pre") { file, key throws(ModelFileError) in try file.string(key) }
        self.init(
            tokens: try metadata.require("tokens") { file, key throws(ModelFileError) in try file.strings(key) },
            merges: try metadata.require("merges") { file, key throws(ModelFileError) in try file.strings(key) },
            preTokenizer: pre ?? "gpt-2"
        )
        if let types = try metadata.read("token_type", { file, key throws(ModelFileError) in try file.integers(key) }) {
            guard types.count == tokens.count else {
                throw .countMismatch(key: TokenizerMetadata.key("token_type"), found: types.count, expected: tokens.count)
            }
            kinds = types.map { TokenKind(rawValue: $0) ?? .normal }
        }
        beginningOfSequence = try metadata.token("bos_token_id")
        endOfSequence = try metadata.token("eos_token_id")
        for name in ["eot_token_id", "eom_token_id"] {
            if let token = try metadata.token(name) { endsOfTurn.append((TokenizerMetadata.key(name), token)) }
        }
        addsBeginningOfSequence = try metadata.read("add_bos_token") { file, key throws(ModelFileError) in try file.bool(key) }
    }
}

/// Reads `tokenizer.ggml` keys of a GGUF file with the tokenizer's errors.
private struct TokenizerMetadata {
    let file: GGUFFile

    static func key(_ name: String) -> String {
        "tokenizer.ggml.\(name)"
    }

    func read<Value>(_ name: String, _ body: (GGUFFile, String) throws(ModelFileError) -> Value?) throws(TokenizerError) -> Value? {
        do { return try body(file, Self.key(name)) } catch { throw .file(error) }
    }

    func require<Value>(_ name: String, _ body: (GGUFFile, String) throws(ModelFileError) -> Value?) throws(TokenizerError) -> Value {
        guard let value = try read(name, body) else { throw .missingKey(Self.key(name)) }
        return value
    }

    /// A token's number. All ones is how some files say that there is none.
    func token(_ name: String) throws(TokenizerError) -> Int? {
        let id = try read(name) { file, key throws(ModelFileError) in try file.integer(key) }
        return id == Int(UInt32.max) || id == -1 ? nil : id
    }
}

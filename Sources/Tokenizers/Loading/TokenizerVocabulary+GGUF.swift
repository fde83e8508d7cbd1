import ModelFiles

extension TokenizerVocabulary {
    /// Reads a GGUF file's `tokenizer.ggml` keys. A file that names no pre-tokenizer is from before there were others than GPT-2's.
    package init(gguf: any ModelSource) throws(TokenizerError) {
        let metadata = TokenizerMetadata(file: gguf)
        let tokens = try metadata.require("tokens") { file, key throws(ModelFileError) in try file.strings(key) }
        self.init(tokens: tokens, algorithm: try Self.algorithm(metadata))
        if let types = try metadata.read("token_type", { file, key throws(ModelFileError) in try file.integers(key) }) {
            guard types.count == tokens.count else {
                throw .countMismatch(key: TokenizerMetadata.key("token_type"), found: types.count, expected: tokens.count)
            }
            kinds = types.map { TokenKind(rawValue: $0) ?? .normal }
        }
        beginningOfSequence = try metadata.token("bos_token_id")
        endOfSequence = try metadata.token("eos_token_id")
        unknown = try metadata.token("unknown_token_id")
        for name in ["eot_token_id", "eom_token_id"] {
            if let token = try metadata.token(name) { endsOfTurn.append((TokenizerMetadata.key(name), token)) }
        }
        addsBeginningOfSequence = try metadata.read("add_bos_token") { file, key throws(ModelFileError) in try file.bool(key) }
    }

    private static func algorithm(_ metadata: TokenizerMetadata) throws(TokenizerError) -> TokenizerAlgorithm {
        func merges() throws(TokenizerError) -> [[UInt8]] {
            try metadata.require("merges") { file, key throws(ModelFileError) in try file.strings(key) }
        }
        func spacePrefix(_ fallback: Bool) throws(TokenizerError) -> SpacePrefix {
            try metadata.read("add_space_prefix") { file, key throws(ModelFileError) in try file.bool(key) } ?? fallback ? .always : .never
        }
        switch try metadata.require("model", { file, key throws(ModelFileError) in try file.string(key)?.word }) {
        case "gpt2":
            let name = try metadata.read("pre") { file, key throws(ModelFileError) in try file.string(key) } ?? "gpt-2"
            guard let preTokenizer = PreTokenizer(name: name) else { throw .unsupportedPreTokenizer(name, supported: PreTokenizer.names) }
            return .byteLevel(merges: try merges(), preTokenizer: preTokenizer)
        case "llama":
            let scores = try metadata.require("scores") { file, key throws(ModelFileError) in try file.floats(key) }
            return .sentencePiece(scores: scores, spacePrefix: try spacePrefix(true))
        case "gemma4":
            return .characterLevel(merges: try merges(), spacePrefix: try spacePrefix(false), splitsAtSpaces: false)
        case let other: throw .unsupportedModel(other)
        }
    }
}

/// Reads `tokenizer.ggml` keys of a GGUF file with the tokenizer's errors.
private struct TokenizerMetadata {
    let file: any ModelSource

    static func key(_ name: String) -> String {
        "tokenizer.ggml.\(name)"
    }

    func read<Value>(_ name: String, _ body: (any ModelSource, String) throws(ModelFileError) -> Value?) throws(TokenizerError) -> Value? {
        do { return try body(file, Self.key(name)) } catch { throw .file(error) }
    }

    func require<Value>(_ name: String, _ body: (any ModelSource, String) throws(ModelFileError) -> Value?) throws(TokenizerError) -> Value
    {
        guard let value = try read(name, body) else { throw .missingKey(Self.key(name)) }
        return value
    }

    /// A token's number. All ones is how some files say that there is none.
    func token(_ name: String) throws(TokenizerError) -> Int? {
        let id = try read(name) { file, key throws(ModelFileError) in try file.integer(key) }
        return id == Int(UInt32.max) || id == -1 ? nil : id
    }
}

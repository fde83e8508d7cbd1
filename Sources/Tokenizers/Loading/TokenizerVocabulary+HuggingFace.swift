import ModelFiles

extension TokenizerVocabulary {
    /// Reads a Hugging Face folder's `tokenizer.json`.
    ///
    /// - Parameter rows: how many embeddings there are; added tokens beyond them, which some models have for what they cannot do, are left out. Nil where
    ///   that is not known.
    init(folder: HuggingFaceFolder, settings: HuggingFaceTokenizerSettings, rows: Int?) throws(TokenizerError) {
        guard let path = folder.file("tokenizer.json") else { throw .missingKey("tokenizer.json") }
        let json: JSONTree
        do { json = try JSONTree(path: path) } catch { throw .file(error) }
        let (model, steps) = (json["model"], try HuggingFaceTextSteps(json))
        guard let model, model["type"]?.word ?? "BPE" == "BPE", let vocabulary = model["vocab"]?.members else {
            throw .unsupportedPart(
                "tokenizer.json",
                "model \(model?["type"]?.string?.quotedText ?? "without a vocabulary")",
                expected: "BPE"
            )
        }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] where !(model[key]?.string ?? "").isEmpty {
            throw .unsupportedPart("tokenizer.json", "'\(key)'", expected: "none")
        }
        let added = (json["added_tokens"]?.array ?? []).filter { token in rows.map { token["id"]?.integer ?? 0 < $0 } ?? true }
        var tokens = try Self.tokens(vocabulary, added)
        let fallsBack = model["byte_fallback"]?.bool == true
        var kinds = tokens.map { token -> TokenKind in
            token.isEmpty ? .unused : fallsBack && CheckedVocabulary.byte(token) != nil ? .byte : .normal
        }
        var strips: (left: Set<TokenID>, right: Set<TokenID>) = ([], [])
        for token in added {
            guard let id = token["id"]?.integer, tokens.indices.contains(id), let text = token["content"]?.string else { continue }
            if token["single_word"]?.bool == true {
                throw .unsupportedPart("tokenizer.json", "'single_word' of token \(text.quotedText)", expected: "false")
            }
            tokens[id] = Array(text.utf8)
            kinds[id] = token["special"]?.bool == true ? .control : .userDefined
            if token["lstrip"]?.bool == true { strips.left.insert(TokenID(id)) }
            if token["rstrip"]?.bool == true { strips.right.insert(TokenID(id)) }
        }
        var merges: [[UInt8]] = []
        for merge in model["merges"]?.array ?? [] {
            guard let line = Self.merge(merge) else {
                throw .unsupportedPart("tokenizer.json", "a merge that is \(merge.kind)", expected: "a text or a pair of texts")
            }
            merges.append(line)
        }
        let algorithm = try steps.algorithm(merges: merges, prefersWholeWords: model["ignore_merges"]?.bool == true)
        self.init(tokens: tokens, algorithm: algorithm)
        self.kinds = kinds
        spellsAddedTokens = true
        self.strips = strips
        composes = steps.composes
        func id(_ text: String?) -> Int? {
            text.flatMap { text in self.tokens.firstIndex { $0.elementsEqual(text.utf8) } }
        }
        unknown = id(model["unk_token"]?.string)
        let prefix = Self.prefix(json["post_processor"])
        beginningOfSequence = id(settings.beginning ?? prefix)
        endOfSequence = id(settings.end)
        endsOfTurn = settings.ends.filter { self.tokens.indices.contains($0) }.map { ("eos_token_id", $0) }
        addsBeginningOfSequence = settings.addsBeginning ?? (prefix != nil && id(prefix) == beginningOfSequence)
    }

    /// The texts by their ids; ids that no token has stay empty.
    private static func tokens(_ vocabulary: [JSONTree.Member], _ added: [JSONTree]) throws(TokenizerError) -> [[UInt8]] {
        let all = vocabulary.map { ($0.name, $0.value.integer) } + added.map { ($0["content"]?.string ?? "", $0["id"]?.integer) }
        let limit = 2 * all.count + 1024
        var tokens: [[UInt8]] = []
        for (text, id) in all {
            guard let id, (0..<limit).contains(id) else {
                throw .unsupportedPart("tokenizer.json", "token \(text.quotedText) without an id from 0 to \(limit - 1)", expected: "one")
            }
            while tokens.count <= id { tokens.append([]) }
            tokens[id] = Array(text.utf8)
        }
        return tokens
    }

    /// `left right`, from a text or a pair.
    private static func merge(_ value: JSONTree) -> [UInt8]? {
        if let line = value.string { return Array(line.utf8) }
        guard let pair = value.array?.compactMap(\.string), pair.count == 2 else { return nil }
        return Array(pair[0].utf8) + [0x20] + Array(pair[1].utf8)
    }

    /// The text of the special token that the post-processor puts first.
    private static func prefix(_ processor: JSONTree?) -> String? {
        if let parts = processor?["processors"]?.array { return parts.lazy.compactMap { prefix($0) }.first }
        guard processor?["type"]?.word == "TemplateProcessing" else { return nil }
        return processor?["single"]?.array?.first?["SpecialToken"]?["id"]?.string
    }
}

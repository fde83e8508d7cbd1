import ModelFiles
import TestSupport
import Testing
import Tokenizers

@Suite("Vocabularies")
struct VocabularyTests {
    private func encode(_ text: String, _ vocabulary: TokenizerVocabulary) throws -> [TokenID] {
        try Tokenizer(vocabulary).encode(text, parseSpecial: true, addBeginning: true)
    }

    @Test("a vocabulary without printable ASCII is refused")
    func missingASCII() throws {
        var vocabulary = try ToyVocabulary.make()
        vocabulary.tokens[0x41] = [0x21]
        #expect(throws: TokenizerError.missingByte(0x41)) { try Tokenizer(vocabulary) }
        #expect(throws: TokenizerError.missingByte(0x20)) {
            try Tokenizer(TokenizerVocabulary(tokens: [], algorithm: vocabulary.algorithm))
        }
    }

    @Test("ids, counts and names that do not fit are refused, and named")
    func refusals() throws {
        var kinds = try ToyVocabulary.make()
        kinds.kinds.removeLast()
        #expect(throws: TokenizerError.countMismatch(key: "tokenizer.ggml.token_type", found: 255, expected: 256)) { try Tokenizer(kinds) }
        for id in [-2, 256, Int.max, Int.min] {
            var beginning = try ToyVocabulary.make()
            beginning.beginningOfSequence = id
            #expect(throws: TokenizerError.tokenOutOfRange(key: "tokenizer.ggml.bos_token_id", id: id, vocabularySize: 256)) {
                try Tokenizer(beginning)
            }
            var turn = try ToyVocabulary.make()
            turn.endsOfTurn = [("tokenizer.ggml.eot_token_id", id)]
            #expect(throws: TokenizerError.tokenOutOfRange(key: "tokenizer.ggml.eot_token_id", id: id, vocabularySize: 256)) {
                try Tokenizer(turn)
            }
        }
    }

    @Test("merges that name no token, or are no merges, never apply; of tokens spelled alike the first is used")
    func oddMerges() throws {
        let odd = ["a", "", " ", "a ", " b", "a b c", "x yy", "yy x", "b c"].map { Array($0.utf8) }
        var vocabulary = try ToyVocabulary.make(merges: [("a", "b")], lines: odd)
        vocabulary.add("ab", .normal)
        vocabulary.add("", .normal)
        let tokenizer = try Tokenizer(vocabulary)
        #expect(tokenizer.encode("abc", parseSpecial: false, addBeginning: false) == [256, 0x63])
        #expect(tokenizer.bytes(of: 257) == Array("ab".utf8) && tokenizer.bytes(of: 258).isEmpty && tokenizer.vocabularySize == 259)
    }

    @Test("a beginning of sequence comes first where the vocabulary and the caller want it")
    func beginning() throws {
        for (preTokenizer, says, wants) in [
            ("gpt-2", nil, false), ("gpt-2", true, true), ("llama-bpe", nil, true), ("llama-bpe", false, false),
        ] as [(String, Bool?, Bool)] {
            var vocabulary = try ToyVocabulary.make(preTokenizer: preTokenizer)
            vocabulary.addsBeginningOfSequence = says
            #expect(try encode("a", vocabulary) == [0x61])
            vocabulary.beginningOfSequence = 0
            #expect(try encode("a", vocabulary) == (wants ? [0, 0x61] : [0x61]))
            #expect(try Tokenizer(vocabulary).encode("a", parseSpecial: true, addBeginning: false) == [0x61])
        }
    }

    @Test("a generation ends at the end of sequence, of a turn, and at well-known tokens")
    func ends() throws {
        var vocabulary = try ToyVocabulary.make()
        vocabulary.add("<|im_end|>", .control)
        vocabulary.add("</s>", .normal)
        vocabulary.add("<|eot_id|>", .userDefined)
        vocabulary.endOfSequence = 1
        vocabulary.endsOfTurn = [("tokenizer.ggml.eot_token_id", 2)]
        let tokenizer = try Tokenizer(vocabulary)
        #expect((TokenID(-1)..<300).filter { tokenizer.isEndOfGeneration($0) } == [1, 2, 256, 258])
    }

    @Test("tokens decode by their kind, and name themselves in log-probabilities")
    func decoding() throws {
        var vocabulary = try ToyVocabulary.make(merges: [(" ", "a")])
        vocabulary.add("<0x0A>", .byte)
        vocabulary.add("<0xZZ>", .byte)
        vocabulary.add("日本", .normal)
        vocabulary.add("Ġx", .unused)
        let tokenizer = try Tokenizer(vocabulary)
        #expect(tokenizer.bytes(of: 256) == [0x20, 0x61])
        #expect(tokenizer.bytes(of: 257) == [0x0a] && tokenizer.bytes(of: 258) == Array("<0xZZ>".utf8))
        // Not spelled in the alphabet: it stands for itself.
        #expect(tokenizer.bytes(of: 259) == Array("日本".utf8) && tokenizer.bytes(of: 260) == [0x20, 0x78])
        #expect(tokenizer.tokenText(256) == " a" && tokenizer.tokenText(0xe2) == "bytes:\\xe2" && tokenizer.tokenText(5) == "\u{5}")
        #expect(tokenizer.tokenText(.max) == "" && tokenizer.decode([0xff, -1, .min], skipSpecial: false) == "\u{fffd}")
    }

    @Test("a GGUF file's keys are read, and those that are missing or of another type are named")
    func metadata() throws {
        let directory = try TemporaryDirectory()
        func file(without key: String = "", _ change: (inout MetadataFile) -> Void = { _ in }) throws -> GGUFFile {
            let vocabulary = try ToyVocabulary.make(merges: [("a", "b")])
            var file = MetadataFile()
            if key != "model" { file.add("tokenizer.ggml.model", string: "gpt2") }
            if key != "tokens" { file.add("tokenizer.ggml.tokens", strings: vocabulary.tokens) }
            if key != "merges" { file.add("tokenizer.ggml.merges", strings: [Array("a b".utf8)]) }
            if key != "token_type" { file.add("tokenizer.ggml.token_type", integers: vocabulary.kinds.map { Int32($0.rawValue) }) }
            change(&file)
            return try file.open(in: directory)
        }
        let whole = try Tokenizer(gguf: file { $0.add("tokenizer.ggml.pre", string: "qwen2") })
        #expect(whole.encode("ab12", parseSpecial: true, addBeginning: true) == [256, 0x31, 0x32])
        #expect(try Tokenizer(gguf: file(without: "token_type")).vocabularySize == 257)
        for key in ["model", "tokens", "merges"] {
            #expect(throws: TokenizerError.missingKey("tokenizer.ggml.\(key)")) { try Tokenizer(gguf: file(without: key)) }
        }
        #expect(throws: TokenizerError.unsupportedModel("bert")) {
            try Tokenizer(gguf: file(without: "model") { $0.add("tokenizer.ggml.model", string: "bert") })
        }
        #expect(throws: TokenizerError.missingKey("tokenizer.ggml.scores")) {
            try Tokenizer(gguf: file(without: "model") { $0.add("tokenizer.ggml.model", string: "llama") })
        }
        #expect(throws: TokenizerError.unsupportedPreTokenizer("bert", supported: PreTokenizer.names)) {
            try Tokenizer(gguf: file { $0.add("tokenizer.ggml.pre", string: "bert") })
        }
        #expect(throws: TokenizerError.countMismatch(key: "tokenizer.ggml.token_type", found: 1, expected: 257)) {
            try Tokenizer(gguf: file(without: "token_type") { $0.add("tokenizer.ggml.token_type", integers: [1]) })
        }
        #expect(throws: TokenizerError.self) { try Tokenizer(gguf: file { $0.add("tokenizer.ggml.pre", bool: true) }) }
        #expect(throws: TokenizerError.tokenOutOfRange(key: "tokenizer.ggml.eos_token_id", id: 257, vocabularySize: 257)) {
            try Tokenizer(gguf: file { $0.add("tokenizer.ggml.eos_token_id", unsigned: 257) })
        }
        // All ones is how some files say that there is none.
        #expect(try Tokenizer(gguf: file { $0.add("tokenizer.ggml.eos_token_id", unsigned: .max) }).endOfSequence == nil)
        let beginning = try Tokenizer(
            gguf: file {
                $0.add("tokenizer.ggml.bos_token_id", unsigned: 7)
                $0.add("tokenizer.ggml.add_bos_token", bool: true)
            }
        )
        #expect(beginning.encode("a", parseSpecial: true, addBeginning: true) == [7, 0x61])
    }
}

import Inference
import Server
import Tokenizers

/// JSON requests: a document, written again, must be the same; every decoder of requests must read it or refuse it; and the shape of an answer that
/// one asks for must be one that a constraint can follow.
struct JSONRequestFuzz: FuzzTarget {
    private let limits = RequestLimits()
    private let vocabulary: TokenVocabulary

    init() throws {
        var tokens = (0...255).map { Array("<0x\($0 < 16 ? "0" : "")\(String($0, radix: 16).uppercased())>".utf8) }
        var kinds = tokens.map { _ in TokenKind.byte }
        for text in ["{\"", "\":", "\",\"", "\"}", "true", "null", "12", "ab", "<end>"] {
            tokens.append(Array(text.utf8))
            kinds.append(text == "<end>" ? .control : .userDefined)
        }
        var vocabulary = TokenizerVocabulary(tokens: tokens, algorithm: .sentencePiece(scores: tokens.map { _ in 0 }, spacePrefix: .never))
        vocabulary.kinds = kinds
        vocabulary.endOfSequence = tokens.count - 1
        self.vocabulary = try TokenVocabulary(Tokenizer(vocabulary), count: tokens.count)
    }

    func run(_ input: [UInt8]) {
        guard let document = try? JSONParser.parse(input) else { return }
        Self.checkRoundTrip(document)
        _ = try? BatchLine(input, number: 1, endpoint: .chat, limit: input.count)
        _ = try? EmbeddingRequest(document)
        _ = try? CompletionRequest(document, limits: limits)
        if let request = try? ChatRequest(document, limits: limits) {
            Oracle.expect(!request.messages.isEmpty, "a chat has a message")
            check(request.options.format)
        }
        guard case .object(let members) = document else { return }
        let fields = JSONFields(members)
        if let line = try? EvaluationLine(fields, standardModel: "m", limits: limits) { _ = line.base }
        _ = try? ChatMessages.decode(fields)
        if let control = fields.value("control") { _ = try? ControlRequest(control, limits: limits) }
        if let format = try? ResponseFormat(try fields.object("response_format")) { check(format) }
    }

    private static func checkRoundTrip(_ document: JSONValue) {
        guard document.hasExactNumbers else { return }
        var writer = JSONWriter()
        writer.value(document)
        let again = Oracle.succeed("a document, written again, is read") { try JSONParser.parse(writer.bytes) }
        Oracle.expect(again == document, "a document, written again, is the same")
        var second = JSONWriter()
        second.value(again)
        Oracle.expect(second.bytes == writer.bytes, "a document is written the same way twice")
    }

    /// Walks through an answer of the shape, always by the first token that is allowed and leads on.
    private func check(_ format: ResponseFormat) {
        guard case .json(let shape) = format, let constraint = try? OutputConstraint(shape: shape, vocabulary: vocabulary) else { return }
        var matcher = ConstraintMatcher(constraint)
        Oracle.expect(matcher.cost == constraint.minimumTokens, "an answer costs what the constraint says")
        _ = matcher.allowedTokens(remaining: max(constraint.minimumTokens + 1, 2))
        for byte in Array("{\"a\":[1,-2.5e3,true,null,\"\\u00e9x\"]}".utf8) {
            guard matcher.advance([byte]) else { break }
            Oracle.expect(matcher.cost >= 0, "what is left of an answer costs something")
        }
    }
}

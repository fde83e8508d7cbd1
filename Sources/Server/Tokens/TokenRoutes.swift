import HTTP
import Inference
import Tokenizers

/// `POST /tokenize`, `POST /detokenize`, `POST /apply-template` and `GET /tokenizer_info`: what a model makes of texts, tokens and messages.
///
/// The fields are those of llama.cpp's server and of vLLM's, each under either name; lm-eval takes a model's tokenizer from here.
package struct TokenRoutes: RouteGroup {
    private let generator: Generator

    package init(generator: Generator) {
        self.generator = generator
    }

    package var routes: [Route] {
        [
            Route(.post, "/tokenize") { request in try await tokenize(fields(of: request)) },
            Route(.post, "/detokenize") { request in try await detokenize(fields(of: request)) },
            Route(.get, "/tokenizer_info") { request in try info(model: request.queryValue("model")) },
            Route(.post, "/apply-template") { request in try await applyTemplate(fields(of: request)) },
        ]
    }

    private func fields(of request: ServerRequest) async throws -> JSONFields {
        try JSONFields.body(await request.json(limit: generator.limits.bodyBytes))
    }

    /// The named model; without a name the first.
    private func model(_ fields: JSONFields) throws(APIError) -> LoadedModel {
        guard let id = try fields.string("model") else { return try generator.standardModel() }
        return try generator.model(id)
    }

    private func tokenize(_ fields: JSONFields) async throws -> ServerResponse {
        let model = try model(fields)
        let tokens: [Int32]
        if fields.value("messages") != nil {
            tokens = try await ChatPrompt.tokens(of: try ChatMessages.decode(fields), model: model)
        } else {
            let (content, prompt) = (try fields.string("content"), try fields.string("prompt"))
            guard let text = content ?? prompt else {
                throw APIError.invalid("content", "You must provide 'content' (or 'prompt'), a string, or 'messages'.")
            }
            let (addSpecial, addSpecialTokens) = (try fields.bool("add_special"), try fields.bool("add_special_tokens"))
            let addsBeginning = addSpecial ?? addSpecialTokens ?? true
            let parsesSpecial = try fields.bool("parse_special") ?? true
            tokens = try await PromptTokens.encode(
                text,
                tokenizer: model.tokenizer,
                parseSpecial: parsesSpecial,
                addBeginning: addsBeginning
            )
        }
        let (withPieces, returnStrings) = (try fields.bool("with_pieces"), try fields.bool("return_token_strs"))
        let wantsPieces = withPieces ?? returnStrings ?? false
        let answer: @Sendable () -> ServerResponse = { [tokens] in
            .object { writer in
                writer.member("model", model.id)
                writer.member("count", tokens.count)
                writer.member("max_model_len", model.contextLength)
                writer.name("tokens")
                writer.array { writer in
                    for token in tokens { writer.value(Int(token)) }
                }
                guard wantsPieces else { return }
                writer.name("token_strs")
                writer.array { writer in
                    for token in tokens { writer.value(model.tokenizer.tokenText(token)) }
                }
            }
        }
        return tokens.count <= PromptTokens.shortPrompt ? answer() : try await OffPool.run(answer)
    }

    private func info(model id: String?) throws -> ServerResponse {
        let model = try id.map { id in try generator.model(id) } ?? generator.standardModel()
        func text(_ token: Int32?) -> String? {
            token.map { model.tokenizer.tokenText($0) }
        }
        return .object { writer in
            writer.member("model", model.id)
            writer.member("vocab_size", model.tokenizer.vocabularySize)
            writer.member("model_max_length", model.contextLength)
            writer.member("bos_token", optional: text(model.tokenizer.beginningOfSequence))
            writer.member("eos_token", optional: text(model.tokenizer.endOfSequence))
            writer.member("add_bos_token", model.tokenizer.addsBeginningOfSequence)
            writer.member("chat_template", optional: model.chatTemplate?.source)
        }
    }

    private func detokenize(_ fields: JSONFields) async throws -> ServerResponse {
        let model = try model(fields)
        guard let elements = try fields.array("tokens") else {
            throw APIError.invalid("tokens", "You must provide 'tokens', an array of token ids.")
        }
        var tokens: [Int32] = []
        tokens.reserveCapacity(elements.count)
        for element in elements {
            tokens.append(Int32(try fields.integer(element, name: "tokens", in: 0...model.tokenizer.vocabularySize - 1)))
        }
        let skipsSpecial = try fields.bool("skip_special_tokens") ?? false
        let text = try await PromptTokens.decode(tokens, tokenizer: model.tokenizer, skipSpecial: skipsSpecial)
        return .object { writer in
            writer.member("model", model.id)
            writer.member("content", text)
            writer.member("prompt", text)
        }
    }

    private func applyTemplate(_ fields: JSONFields) async throws -> ServerResponse {
        let model = try model(fields)
        let text = try await ChatPrompt.text(of: try ChatMessages.decode(fields), model: model)
        return .object { writer in
            writer.member("model", model.id)
            writer.member("prompt", text)
        }
    }
}

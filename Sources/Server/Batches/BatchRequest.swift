import Inference

/// A line's request, decoded.
enum BatchRequest: Sendable {
    case chat(ChatRequest)
    case completion(CompletionRequest)
    case embedding(EmbeddingRequest)

    init(_ body: JSONObject, endpoint: BatchEndpoint, limits: RequestLimits) throws(APIError) {
        self =
            switch endpoint {
            case .chat: .chat(try ChatRequest(.object(body), limits: limits))
            case .completions: .completion(try CompletionRequest(.object(body), limits: limits))
            case .embeddings: .embedding(try EmbeddingRequest(.object(body)))
            }
    }

    /// The model's id.
    var model: String {
        switch self {
        case .chat(let chat): chat.options.model
        case .completion(let completion): completion.options.model
        case .embedding(let embedding): embedding.model
        }
    }

    /// How many sequences it is at once.
    var sequences: Int {
        switch self {
        case .chat(let chat): chat.options.choices
        case .completion(let completion): completion.prompts.count * completion.options.choices
        case .embedding(let embedding): min(embedding.inputs.count, Generator.window)
        }
    }
}

import Inference

/// One line of an evaluation's input, decoded: a completion or a chat of one answer, under an id of the client's.
package struct EvaluationLine: Sendable {
    /// What a line asks for.
    package enum Request: Sendable {
        case completion(CompletionRequest)
        case chat(ChatRequest)
    }

    package let request: Request
    /// Whether every token's control is reported.
    package var isTraced: Bool { options.control?.trace == .set(true) }

    /// Decodes a line. A line without `model` is for the first one, and without `seed` gets one by chance, the same for both ways to answer it.
    ///
    /// - Throws: `APIError` that names the field.
    package init(_ fields: JSONFields, standardModel: String, limits: RequestLimits) throws(APIError) {
        var fields = fields
        for name in ["n", "best_of"] {
            guard try fields.integer(name, in: 1...Int(Int32.max)) ?? 1 == 1 else {
                throw .invalid(name, "'\(name)' must be 1 here: a line has one answer.")
            }
        }
        for name in ["stream", "echo"] {
            guard try fields.bool(name) != true else { throw .invalid(name, "'\(name)' is not for lines of an evaluation.") }
        }
        for name in ["logprobs", "top_logprobs", "capture", "stream_options"] {
            guard fields.value(name) == nil || fields.value(name) == .bool(false) else {
                throw .invalid(name, "'\(name)' is not for lines of an evaluation.")
            }
        }
        if fields.value("model") == nil { fields = fields.setting("model", to: .string(standardModel)) }
        if fields.value("seed") == nil { fields = fields.setting("seed", to: .number(.unsigned(UInt64.random(in: 0 ... .max)))) }
        switch (fields.value("prompt"), fields.value("messages")) {
        case (nil, nil): throw .invalid("prompt", "A line needs 'prompt' or 'messages'.")
        case (.some, .some): throw .invalid("messages", "'prompt' and 'messages' exclude each other.")
        case (.some, nil):
            let completion = try CompletionRequest(fields, limits: limits)
            guard completion.prompts.count == 1 else { throw .invalid("prompt", "'prompt' must be one text here: a line has one answer.") }
            request = .completion(completion)
        case (nil, .some):
            request = .chat(try ChatRequest(fields, limits: limits))
        }
    }

    /// What completions and chats have in common.
    package var options: GenerationOptions {
        switch request {
        case .completion(let completion): completion.options
        case .chat(let chat): chat.options
        }
    }

    /// The same line answered without moving any state. Where it has control, the values that its states have as they are come with the answer.
    package var base: Request {
        func unmoved(_ options: inout GenerationOptions) {
            options.control?.steps = .set(0)
            options.control?.trace = .set(false)
            options.control?.klBudget = .set(nil)
        }
        switch request {
        case .completion(var completion):
            unmoved(&completion.options)
            return .completion(completion)
        case .chat(var chat):
            unmoved(&chat.options)
            return .chat(chat)
        }
    }
}

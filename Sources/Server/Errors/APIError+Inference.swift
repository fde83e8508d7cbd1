import Inference
import Logging

extension APIError {
    /// Why the worker pool did not take a request.
    ///
    /// - Parameters:
    ///   - error: The pool's reason.
    ///   - promptField: The request's field that holds the prompt.
    package init(_ error: PoolError, promptField: String) {
        switch error {
        case .queueFull(let retryAfter):
            self = .overloaded(retryAfter: retryAfter)
        case .unknownModel(let id):
            self = .notFound("model", "The model '\(id)' does not exist; GET /v1/models lists those there are.", code: "model_not_found")
        case .contextExceeded(let promptTokens, let maximumTokens, let contextLength):
            self = .invalid(
                promptField,
                "This model's context holds \(contextLength) tokens, but \(promptTokens + maximumTokens) were asked for: "
                    + "\(promptTokens) in '\(promptField)' and \(maximumTokens) to generate.",
                code: "context_length_exceeded"
            )
        case .emptyPrompt:
            self = .invalid(promptField, "'\(promptField)' must not be empty.")
        case .tokenOutOfRange(let token, let vocabularySize):
            self = .invalid(promptField, "'\(promptField)' holds the token \(token), but the vocabulary has \(vocabularySize).")
        case .sampling(let error):
            self = .invalid(error.field, "'\(error.field)' must be \(error.expected).")
        case .controlSize(let found, let expected):
            self = .invalid("control", "The value functions read states of \(found) numbers, the model's have \(expected).")
        case .noControlSite:
            self = .invalid("control", "The value functions cannot be used: \(error).")
        case .noStateSite:
            self = .invalid("capture.site", "'capture.site' cannot be used: \(error).")
        case .draining:
            self = .unavailable("The server is shutting down.")
        case .unavailable(let model):
            self = .unavailable("No worker of the model '\(model)' is up.")
        }
    }

    /// Why a running generation failed. What is the server's own fault goes to the log, not to the client.
    ///
    /// - Parameters:
    ///   - error: What happened.
    ///   - logger: Told of what is the server's fault.
    package init(_ error: GenerationError, logger: Logger) {
        switch error {
        case .controlNotFinite:
            self = .invalid("control", "The generation was ended: \(error).", code: "control_not_finite")
        case .stateTooLarge:
            self = .invalid("capture", "The generation was ended: \(error).", code: "state_too_large")
        case .stopped:
            self = .unavailable("The server is shutting down.")
        case .modelNotFinite, .noAllowedToken, .workerFailed, .readerTooSlow:
            logger.error("a generation failed: \(error)")
            self = .failed
        }
    }
}

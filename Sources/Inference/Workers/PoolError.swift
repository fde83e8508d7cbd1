import Control

/// Why a pool did not take a request.
public enum PoolError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No model has that id.
    case unknownModel(String)
    /// As many requests wait as may. Seconds after which one more may fit, by what was measured.
    case queueFull(retryAfter: Int)
    /// The prompt and what shall be generated are longer than the context.
    case contextExceeded(promptTokens: Int, maximumTokens: Int, contextLength: Int)
    /// The prompt has no tokens.
    case emptyPrompt
    /// A token is not in the model's vocabulary.
    case tokenOutOfRange(Int32, vocabularySize: Int)
    /// A parameter is outside its range.
    case sampling(SamplingParametersError)
    /// The controller steers states of another width than the model's.
    case controlSize(found: Int, expected: Int)
    /// The controller steers at a site that the model does not have.
    case noControlSite(HiddenStateSite, layerCount: Int)
    /// States are to be reported of a site that the model does not have.
    case noStateSite(HiddenStateSite, layerCount: Int)
    /// The pool takes no more requests.
    case draining
    /// No worker of the model is up.
    case unavailable(model: String)

    /// One sentence.
    public var description: String {
        switch self {
        case .unknownModel(let id): "there is no model '\(id)'"
        case .queueFull(let seconds): "the queue is full; try again in \(seconds) s"
        case .contextExceeded(let prompt, let maximum, let context):
            "\(prompt) tokens of prompt and \(maximum) to generate are more than the context of \(context)"
        case .emptyPrompt: "the prompt has no tokens"
        case .tokenOutOfRange(let token, let size): "token \(token) is not in the vocabulary; expected 0 to \(size - 1)"
        case .sampling(let error): "\(error)"
        case .controlSize(let found, let expected): "the heads steer states of \(found) values; the model's have \(expected)"
        case .noControlSite(let site, let count), .noStateSite(let site, let count):
            "the model has no site '\(site)'; its blocks are 'layer.0' to 'layer.\(count - 1)'"
        case .draining: "the server is shutting down"
        case .unavailable(let model): "no worker of model '\(model)' is up"
        }
    }
}

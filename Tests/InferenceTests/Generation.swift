import Inference

/// Everything a generation told.
struct Generation {
    var promptLogprobs: [TokenLogprobs] = []
    var tokens: [GeneratedToken] = []
    var summary: GenerationSummary?

    /// Reads a stream to its end.
    init(_ stream: GenerationStream) async throws {
        for try await event in stream {
            switch event {
            case .promptLogprobs(let piece): promptLogprobs += piece
            case .token(let token): tokens.append(token)
            case .finished(let end): summary = end
            }
        }
    }

    var ids: [Int32] {
        tokens.map(\.id)
    }

    var text: String {
        tokens.map(\.text).joined() + (summary?.text ?? "")
    }
}

import Inference
import Server

/// An answer, whole or stopped.
struct ChatAnswer: Sendable {
    let text: String
    /// Nil where it was stopped.
    let summary: GenerationSummary?
    let time: Duration

    var wasStopped: Bool { summary == nil }

    /// Has a request answered. Cancelling the task stops the answer, and what came of it is kept.
    static func run(_ request: JSONValue, session: TerminalSession, take: @escaping @Sendable (AnswerPiece) -> Void) async throws
        -> ChatAnswer
    {
        let start = ContinuousClock.now
        var text = ""
        var summary: GenerationSummary?
        do {
            summary = try await session.chat(request) { piece in
                text += piece.text
                take(piece)
            }
        } catch is CancellationError {}
        return ChatAnswer(text: text, summary: summary, time: ContinuousClock.now - start)
    }
}

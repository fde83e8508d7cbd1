import Synchronization

/// Answers as they come.
final class AnswerList: Sendable {
    private let answers = Mutex([MethodAnswer]())

    var all: [MethodAnswer] {
        answers.withLock { $0 }
    }

    func append(_ answer: MethodAnswer) {
        answers.withLock { $0.append(answer) }
    }
}

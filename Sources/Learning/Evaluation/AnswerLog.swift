import Synchronization

/// Answers as they come, each written down at once.
final class AnswerLog: Sendable {
    private struct State {
        let file: AppendedFile
        var answers: [MethodAnswer]
        var last = ContinuousClock.now
    }

    private let state: Mutex<State>

    init(file: sending AppendedFile, answers: [MethodAnswer]) {
        state = Mutex(State(file: file, answers: answers))
    }

    /// All answers.
    var all: [MethodAnswer] {
        state.withLock { $0.answers }
    }

    /// Adds an answer, and the time since the one before it.
    ///
    /// - Returns: how many there are.
    func append(_ answer: MethodAnswer) throws -> Int {
        try state.withLock { state in
            var answer = answer
            let now = ContinuousClock.now
            answer.seconds = (now - state.last) / .seconds(1)
            state.last = now
            try state.file.append(try JSONLines.line(answer), isDurable: false)
            state.answers.append(answer)
            return state.answers.count
        }
    }
}

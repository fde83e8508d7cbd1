import Control
import Inference

/// Controlled decoding (Mudgal et al., arXiv:2310.17022, token-wise): the likeliest tokens are re-weighted by the value of the state that each
/// leads to, and the best is taken. Every token costs a forward pass for each candidate.
struct ControlledDecodingMethod: AnswerMethod {
    /// Prompts that are answered side by side.
    private static let width = 4
    let generator: AnswerGenerator
    let settings: AnswerSettings
    let value: StateValue
    /// k: how many of the likeliest tokens are tried.
    let candidates: Int
    /// What a candidate's value is multiplied by before it is added to its log-probability.
    let weight: Float

    func answer(_ prompts: ArraySlice<Prompt>, each: @escaping @Sendable (Int, MethodAnswer) async throws -> Void) async throws {
        var first = prompts.startIndex
        while first < prompts.endIndex {
            let end = min(first + Self.width, prompts.endIndex)
            let answers = try await withThrowingTaskGroup(of: (Int, MethodAnswer).self) { group in
                for place in first..<end { group.addTask { (place, try await answer(prompts[place])) } }
                var answers: [Int: MethodAnswer] = [:]
                for try await (place, answer) in group { answers[place] = answer }
                return answers
            }
            for (place, answer) in answers.sorted(by: { $0.key < $1.key }) { try await each(place, answer) }
            first = end
        }
    }

    /// Where an answer may go on: the state there, and the tokens that may follow.
    private struct Position: Sendable {
        let value: Float
        let next: [TokenLogprobs.Alternative]
    }

    private func answer(_ prompt: Prompt) async throws -> MethodAnswer {
        let tokenizer = generator.model.tokenizer
        let start = try PromptEncoder(model: generator.model, isRaw: settings.isRaw).tokens(of: prompt)
        var answer: [Int32] = []
        var position = try await look(start)
        while answer.count < settings.maximumTokens, start.count + answer.count + 1 < generator.model.contextLength {
            let (here, written) = (position, start + answer)
            let tried = try await withThrowingTaskGroup(of: (TokenLogprobs.Alternative, Position).self) { group in
                for candidate in here.next {
                    group.addTask {
                        // After its end an answer has no state: the one that ends it stands for it.
                        if tokenizer.isEndOfGeneration(candidate.token) { return (candidate, Position(value: here.value, next: [])) }
                        return (candidate, try await look(written + [candidate.token]))
                    }
                }
                var tried: [(TokenLogprobs.Alternative, Position)] = []
                for try await one in group { tried.append(one) }
                return tried
            }
            let best = tried.max {
                score($0.0, $0.1) != score($1.0, $1.1) ? score($0.0, $0.1) < score($1.0, $1.1) : $0.0.token > $1.0.token
            }
            guard let best, !tokenizer.isEndOfGeneration(best.0.token) else { break }
            answer.append(best.0.token)
            position = best.1
        }
        return MethodAnswer(response: tokenizer.decode(answer, skipSpecial: true), tokens: answer.count)
    }

    private func score(_ candidate: TokenLogprobs.Alternative, _ position: Position) -> Float {
        candidate.logprob + weight * position.value
    }

    /// The state behind some tokens, and what may follow.
    private func look(_ tokens: [Int32]) async throws -> Position {
        var request = GenerationRequest(prompt: tokens, maximumTokens: 1)
        request.sampling.temperature = 0
        request.logprobs = candidates
        request.reportsStates = true
        request.stateSite = value.site
        request.ignoresEndOfSequence = true
        let answer = try await generator.answer(request)
        guard let state = answer.states.first, let logprobs = answer.logprobs.first else { return Position(value: 0, next: []) }
        return Position(value: value.evaluator().value(state), next: logprobs.top)
    }
}

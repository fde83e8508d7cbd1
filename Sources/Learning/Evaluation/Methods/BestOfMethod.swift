/// Samples several answers and takes the one with the highest reward: what can be had without steering, at several times the cost.
struct BestOfMethod: AnswerMethod {
    /// Prompts whose answers are judged together.
    private static let piece = 32
    let generator: AnswerGenerator
    let settings: AnswerSettings
    let reward: any RewardSource
    /// How many answers are sampled.
    let count: Int
    /// At which temperature.
    let temperature: Float

    func answer(_ prompts: ArraySlice<Prompt>, each: @escaping @Sendable (Int, MethodAnswer) async throws -> Void) async throws {
        var first = prompts.startIndex
        while first < prompts.endIndex {
            let end = min(first + Self.piece, prompts.endIndex)
            for (place, answer) in try await best(of: prompts[first..<end]) { try await each(place, answer) }
            first = end
        }
    }

    private func best(of prompts: ArraySlice<Prompt>) async throws -> [(Int, MethodAnswer)] {
        let encoder = PromptEncoder(model: generator.model, isRaw: settings.isRaw)
        var sampled = settings
        sampled.temperature = temperature
        let (each, count) = (sampled, count)
        var answers: [Answer] = []
        try await generator.run(0..<prompts.count * count) { job in
            let place = prompts.startIndex + job / count
            return each.request(prompt: try encoder.tokens(of: prompts[place]), place: place * count + job % count)
        } each: { _, answer in
            answers.append(answer)
        }
        let items = answers.enumerated().map { job, answer in
            RewardItem(index: job, prompt: prompts[prompts.startIndex + job / count], response: answer.text)
        }
        let rewards = try await reward.scores(items)
        return prompts.indices.map { place in
            let jobs = (place - prompts.startIndex) * count..<(place - prompts.startIndex + 1) * count
            let best = jobs.max { rewards[$0] < rewards[$1] } ?? jobs.lowerBound
            return (place, MethodAnswer(answers[best]))
        }
    }
}

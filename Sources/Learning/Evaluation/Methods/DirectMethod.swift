import Control

/// The model answers, as it is, under a system prompt, or under control: `base`, `prompt`, `static` and `re-control`.
struct DirectMethod: AnswerMethod {
    let generator: AnswerGenerator
    var settings: AnswerSettings
    /// What the system message asks for; nil for none.
    var system: String?
    /// What steers; nil for nothing.
    var controller: Controller?

    /// Has the model read the prompts, without answering.
    func readPrompts(_ prompts: [Prompt]) async throws {
        var reading = self
        reading.settings.maximumTokens = 0
        try await reading.answer(prompts[...]) { _, _ in }
    }

    func answer(_ prompts: ArraySlice<Prompt>, each: @escaping @Sendable (Int, MethodAnswer) async throws -> Void) async throws {
        let encoder = PromptEncoder(model: generator.model, isRaw: settings.isRaw)
        try await generator.run(prompts.indices) { place in
            let prompt = system.map { prompts[place].with(system: $0) } ?? prompts[place]
            var request = settings.request(prompt: try encoder.tokens(of: prompt), place: place)
            request.control = controller
            return request
        } each: { place, answer in
            try await each(place, MethodAnswer(answer))
        }
    }
}

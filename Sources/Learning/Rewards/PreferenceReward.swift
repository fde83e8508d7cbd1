import Compute
import Control
import Inference

/// The reward is what a reward head says of the state at the answer's last token: a Bradley-Terry head that `rudder train --preferences` made.
public struct PreferenceReward: RewardSource {
    /// What the source is called.
    public let name: String
    /// The name, and the head's parameters: a head that was trained anew is another.
    public let identity: String
    private let head: StateValue
    private let generator: AnswerGenerator
    private let encoder: PromptEncoder

    /// Names a head.
    ///
    /// - Parameters:
    ///   - head: the value function.
    ///   - name: what it is called.
    ///   - generator: runs the model that the head was trained on.
    ///   - isRaw: whether prompts have no chat template.
    public init(head: ValueFunction, name: String, generator: AnswerGenerator, isRaw: Bool) throws(ControlError) {
        self.name = "preference:\(name)"
        identity = "preference:\(name) \(head.identity)"
        self.head = try StateValue(head: head)
        self.generator = generator
        encoder = PromptEncoder(model: generator.model, isRaw: isRaw)
    }

    /// Judges answers, in their order; see ``RewardSource/score(_:each:)``.
    public func score(_ items: [RewardItem], each: @escaping @Sendable (Int, Double) async throws -> Void) async throws {
        let evaluator = head.evaluator()
        let (name, encoder, limit, site) = (name, encoder, generator.model.contextLength, head.site)
        try await generator.run(items.indices) { place in
            let tokens = try encoder.tokens(of: items[place].prompt, answer: items[place].response)
            guard tokens.count <= limit else {
                let reason = "its \(tokens.count) tokens are more than the model's context of \(limit); leave it out of the rollouts"
                throw RewardError.ended(source: name, record: items[place].index, reason: reason)
            }
            var request = GenerationRequest(prompt: tokens, maximumTokens: 0)
            request.reportsStates = true
            request.stateSite = site
            return request
        } each: { place, answer in
            guard let state = answer.promptState else {
                throw RewardError.ended(source: name, record: items[place].index, reason: "the model gave no state")
            }
            let value = Double(evaluator.value(state))
            guard value.isFinite else { throw RewardError.notANumber(source: name, record: items[place].index, found: "\(value)") }
            try await each(place, value)
        }
    }
}

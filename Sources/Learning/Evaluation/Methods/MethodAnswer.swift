/// What a method answered to a prompt: a line of `answers-METHOD.jsonl`.
public struct MethodAnswer: Sendable, Codable, Equatable {
    /// The answer.
    public var response: String
    /// How many tokens it has.
    public var tokens: Int
    /// The means of what control did; nil where there was none.
    public var control: Control?
    /// The time that passed between the answer before it and this one.
    public var seconds = 0.0

    /// What control did to an answer: means over its tokens.
    public struct Control: Sendable, Codable, Equatable {
        /// V(h)
        public var valueBefore: Float
        /// V(h + u)
        public var valueAfter: Float
        /// |u| / |h|
        public var norm: Float
        /// KL(steered || plain), in nats; nil where it was not measured.
        public var kl: Float?

        private enum CodingKeys: String, CodingKey {
            case norm, kl
            case valueBefore = "value_before"
            case valueAfter = "value_after"
        }
    }

    init(_ answer: Answer) {
        response = answer.text
        tokens = answer.tokens.count
        control = answer.control.map {
            Control(valueBefore: $0.valueBefore, valueAfter: $0.valueAfter, norm: $0.norm, kl: $0.kl)
        }
    }

    init(response: String, tokens: Int) {
        self.response = response
        self.tokens = tokens
    }
}

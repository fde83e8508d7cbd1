/// A way to answer prompts, to be compared with others.
protocol AnswerMethod: Sendable {
    /// Answers prompts, and hands the answers over in their order.
    func answer(_ prompts: ArraySlice<Prompt>, each: @escaping @Sendable (Int, MethodAnswer) async throws -> Void) async throws
}

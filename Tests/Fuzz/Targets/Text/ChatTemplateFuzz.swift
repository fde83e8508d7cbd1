import Tokenizers

/// Chat templates: an accepted one renders the same twice, or is refused twice, in bounded time and output.
struct ChatTemplateFuzz: FuzzTarget {
    private static let messages = [
        ChatMessage(role: "system", content: "Be <brief> & kind."), ChatMessage(role: "user", content: "Hi, naïve\n 日本 <think>x</think> y"),
        ChatMessage(role: "assistant", content: ""), ChatMessage(role: "user", content: "{{ x }}"),
    ]
    private static let variables: [String: TemplateValue] = [
        "bos_token": .string("<s>"), "n": .integer(.max), "f": .float(2.5), "l": .list([.integer(3), .string("a"), .none]),
        "d": .mapping(texts: [("a", .integer(1)), ("b", .list([.bool(true)]))]),
    ]
    private static let longest = 32 << 20

    func run(_ input: [UInt8]) {
        guard let source = String(validating: input, as: UTF8.self), let template = try? ChatTemplate(source: source) else { return }
        let first = Self.render(template)
        if let first { Oracle.expect(first.utf8.count <= Self.longest, "what is rendered is bounded") }
        Oracle.expect(Self.render(template) == first, "a template renders the same twice")
    }

    private static func render(_ template: ChatTemplate) -> String? {
        try? template.render(messages: messages, addGenerationPrompt: true, variables: variables, clock: { String($0.prefix(9)) })
    }
}

import Testing
import Tokenizers

@Suite("Chat templates")
struct ChatTemplateTests {
    private let chat = [ChatMessage(role: "user", content: "Hi")]

    @Test("variables reach the template, over those that are always set")
    func variables() throws {
        let template = try ChatTemplate(
            source: "{{ tools is none }}{{ documents is none }}{{ x }}{{ messages|length }}{{ add_generation_prompt }}"
        )
        #expect(try template.render(messages: chat, addGenerationPrompt: true) == "TrueTrue1True")
        let variables: [String: TemplateValue] = ["x": .integer(3), "tools": .list([]), "messages": .list([])]
        #expect(try template.render(messages: chat, addGenerationPrompt: false, variables: variables) == "FalseTrue30False")
    }

    @Test("the clock is the caller's; by default it is today's")
    func clock() throws {
        let template = try ChatTemplate(source: "{{ strftime_now('%Y') }}")
        #expect(try template.render(messages: [], addGenerationPrompt: true, clock: { _ in "2024" }) == "2024")
        #expect(try template.render(messages: [], addGenerationPrompt: true).utf8.count == 4)
        #expect(ChatTemplate.now("") == "")
    }

    @Test("one template renders many chats at once")
    func concurrent() async throws {
        let template = try ChatTemplate(
            source: "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + loop.index %}{% endfor %}{{ ns.n }}"
        )
        await withTaskGroup(of: Bool.self) { group in
            for count in 1...20 {
                group.addTask {
                    let messages = [ChatMessage](repeating: ChatMessage(role: "user", content: ""), count: count)
                    return (try? template.render(messages: messages, addGenerationPrompt: true)) == "\(count * (count + 1) / 2)"
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test("values are equal by their bytes, numbers by what they count, mappings in any order")
    func equality() {
        #expect(TemplateValue.string("\u{e9}") != .string("e\u{301}"))
        #expect(
            TemplateValue.integer(1) == .float(1) && TemplateValue.bool(true) == .integer(1) && TemplateValue.integer(1) != .string("1")
        )
        #expect(TemplateValue.mapping(texts: [("a", .none), ("b", .integer(1))]) == .mapping(texts: [("b", .integer(1)), ("a", .none)]))
        #expect(TemplateValue.mapping(texts: [("a", .none)]) != .mapping(texts: [("b", .none)]))
        #expect(TemplateValue.undefined != TemplateValue.none)
    }
}

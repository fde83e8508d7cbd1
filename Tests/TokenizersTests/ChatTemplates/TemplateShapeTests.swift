import TestSupport
import Testing
import Tokenizers

@Suite("Templates in well-known shapes")
struct TemplateShapeTests {
    private struct Shapes: Decodable {
        struct Message: Decodable {
            let role: String
            let content: String
        }
        struct Case: Decodable {
            let name: String
            let shape: String
            let messages: [Message]
            let addGenerationPrompt: Bool
            let thinking: Bool?
            let expected: String?
            let refusal: String?
        }
        let templates: [String: String]
        let cases: [Case]
    }

    @Test("chats render as jinja2 renders them, and are refused where it refuses them")
    func matchesJinja() throws {
        let shapes = try #require(try GoldenFiles.json("templates/shapes.json", as: Shapes.self))
        #expect(shapes.cases.count >= 60)
        for golden in shapes.cases {
            let template = try ChatTemplate(source: try #require(shapes.templates[golden.shape]))
            var variables: [String: TemplateValue] = ["bos_token": .string("<s>"), "eos_token": .string("</s>")]
            if let thinking = golden.thinking { variables["enable_thinking"] = .bool(thinking) }
            let messages = golden.messages.map { ChatMessage(role: $0.role, content: $0.content) }
            do throws(TemplateError) {
                let text = try template.render(
                    messages: messages,
                    addGenerationPrompt: golden.addGenerationPrompt,
                    variables: variables,
                    clock: { "<\($0)>" }
                )
                #expect(golden.expected.map { text.utf8.elementsEqual($0.utf8) } == true, "\(golden.name)")
            } catch {
                #expect(error.isRefusal && error.reason == golden.refusal, "\(golden.name): \(error)")
            }
        }
    }
}

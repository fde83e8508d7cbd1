import Foundation
import ModelFiles
import TestSupport
import Testing
import Tokenizers

/// The templates of well-known models that llama.cpp keeps, against what jinja2 makes of them: Tests/Golden/templates/make.py.
@Suite("llama.cpp's templates", .enabled(if: LlamaCppModels.folder != nil, "needs llama.cpp's templates: make vocabularies"))
struct LlamaCppTemplateTests {
    private struct Golden: Decodable {
        struct Chat: Decodable {
            let name: String
            let variables: TemplateValue

            init(from decoder: any Decoder) throws {
                var container = try decoder.unkeyedContainer()
                name = try container.decode(String.self)
                variables = try container.decode(GoldenValue.self).value
            }
        }

        let chats: [Chat]
        /// For every template, and every chat, a SHA-256 digest of what it gives without and with a generation prompt.
        let templates: [String: [String]]
    }

    @Test("chats with and without tools give the text that jinja2 gives, or its refusal")
    func matchesJinja() throws {
        let golden = try #require(try GoldenFiles.json("templates/llama-cpp.json", as: Golden.self))
        let folder = try #require(LlamaCppModels.folder).appendingPathComponent("templates")
        #expect(golden.templates.count >= 70 && golden.chats.count >= 20)
        for (name, digests) in golden.templates.sorted(by: { $0.key < $1.key }) {
            let source = String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
            let template = try ChatTemplate(source: source)
            try #require(digests.count == golden.chats.count)
            for (chat, digest) in zip(golden.chats, digests) {
                let result = [false, true].map { outcome(template, chat.variables, addGenerationPrompt: $0) }
                let found = try SHA256Digest.of(Array(result.joined().utf8)).hex
                #expect(found == digest, "\(name), \(chat.name): now\n\(result[1])")
            }
        }
    }

    @Test("every template is read, none is left out")
    func allAreCovered() throws {
        let golden = try #require(try GoldenFiles.json("templates/llama-cpp.json", as: Golden.self))
        let folder = try #require(LlamaCppModels.folder).appendingPathComponent("templates")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".jinja") }
        #expect(Set(names) == Set(golden.templates.keys))
    }

    /// What a template makes of a chat, in the form that the digests are of.
    private func outcome(_ template: ChatTemplate, _ variables: TemplateValue, addGenerationPrompt: Bool) -> String {
        var names: [String: TemplateValue] = [:]
        if case .mapping(let members) = variables {
            for case (.string(let name), let value) in members { names[name] = value }
        }
        // Messages of nothing but a role and a text go the way that the server's go.
        let messages = names["messages"].flatMap(plainMessages)
        if messages != nil { names["messages"] = nil }
        do throws(TemplateError) {
            let text = try template.render(
                messages: messages ?? [],
                addGenerationPrompt: addGenerationPrompt,
                variables: names,
                clock: FixedClock.text
            )
            return "text\0\(text)\0"
        } catch {
            return error.isRefusal ? "refusal\0\(error.reason)\0" : "error\0\0"
        }
    }

    private func plainMessages(_ value: TemplateValue) -> [ChatMessage]? {
        guard case .list(let values) = value else { return nil }
        var messages: [ChatMessage] = []
        for case .mapping(let members) in values {
            guard members.count == 2, case .string(let role) = members[0].value, case .string(let content) = members[1].value else {
                return nil
            }
            messages.append(ChatMessage(role: role, content: content))
        }
        return messages
    }
}

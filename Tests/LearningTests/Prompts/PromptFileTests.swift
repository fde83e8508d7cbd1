import Foundation
import Learning
import TestSupport
import Testing

@Suite("Files of prompts and preferences")
struct PromptFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func file(_ text: String) throws -> String {
        try directory.file(text)
    }

    private func reason(_ text: String) throws -> String {
        let path = try file(text)
        let error = #expect(throws: LineError.self) { try PromptFile(path: path) }
        return error.map { "line \($0.line ?? 0): \($0.reason)" } ?? ""
    }

    @Test("texts, chats and pairs of HH-RLHF are prompts; empty lines are none; ids default to the line")
    func kinds() throws {
        let prompts = try PromptFile(
            path: file(
                #"""
                {"prompt": "Hello", "id": "a"}

                {"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}], "id": 7}
                {"chosen": "\n\nHuman: q1\n\nAssistant: a1\n\nHuman: q2\n\nAssistant: good", "rejected": "…"}
                """#
            )
        ).prompts
        #expect(prompts.map(\.id) == ["a", "7", "4"])
        #expect(prompts[0].messages.map(\.content) == ["Hello"] && prompts[0].messages[0].role == "user")
        #expect(prompts[1].messages.map(\.role) == ["system", "user"] && prompts[1].text == "U")
        #expect(prompts[2].messages.map(\.content) == ["q1", "a1", "q2"])
        #expect(prompts[2].messages.map(\.role) == ["user", "assistant", "user"])
    }

    @Test("a system message takes the place of one that is there")
    func system() throws {
        let prompt = try PromptFile(path: file(#"{"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]}"#))
            .prompts[0]
        #expect(prompt.with(system: "T").messages.map(\.content) == ["T", "U"])
    }

    @Test("a line that is no prompt is named, with the reason")
    func errors() throws {
        #expect(try reason("{\"prompt\": \"a\"}\nnonsense\n") == "line 2: is no JSON object")
        #expect(try reason("{\"text\": 1}") == "line 1: there must be one of 'prompt', 'messages' and 'chosen'")
        #expect(try reason("{\"messages\": []}").contains("'messages' is empty"))
        #expect(try reason("{\"chosen\": \"no dialogue\"}").contains("dialogue"))
        #expect(try reason("\n\n").contains("no prompt"))
        #expect(throws: LineError.self) { try PromptFile(path: "/nowhere") }
    }

    @Test("pairs that do not differ in one last answer are left out, and counted")
    func preferences() throws {
        let found = try PreferenceFile(
            path: file(
                #"""
                {"chosen": "\n\nHuman: q\n\nAssistant: good", "rejected": "\n\nHuman: q\n\nAssistant: bad"}
                {"chosen": "\n\nHuman: q\n\nAssistant: same", "rejected": "\n\nHuman: q\n\nAssistant: same"}
                {"chosen": "\n\nHuman: q\n\nAssistant: good", "rejected": "\n\nHuman: other\n\nAssistant: bad"}
                {"chosen": "\n\nHuman: q", "rejected": "\n\nHuman: q\n\nAssistant: bad"}
                {"chosen": "\n\nHuman: one\n\nHuman: two\n\nAssistant: good", "rejected": "\n\nHuman: one\n\nHuman: two\n\nAssistant: bad"}
                """#
            )
        )
        #expect(found.skipped == 3 && found.pairs.count == 2)
        #expect(found.pairs[0].chosen == "good" && found.pairs[0].rejected == "bad" && found.pairs[0].prompt.text == "q")
        #expect(found.pairs[1].prompt.messages.count == 1, "what one speaker says in turn is one message")
    }
}

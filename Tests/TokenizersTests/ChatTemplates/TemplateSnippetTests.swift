import TestSupport
import Testing
import Tokenizers

@Suite("Template snippets")
struct TemplateSnippetTests {
    private struct Snippets: Decodable {
        let variables: GoldenValue
        /// Template and text; one alone is refused.
        let snippets: [[String]]
    }

    @Test("every construct prints what jinja2 prints, and is refused where it refuses it")
    func matchesJinja() throws {
        let goldens = try #require(try GoldenFiles.json("templates/snippets.json", as: Snippets.self))
        #expect(goldens.snippets.count > 200)
        guard case .mapping(let members) = goldens.variables.value else {
            Issue.record("variables are no mapping")
            return
        }
        var variables: [String: TemplateValue] = [:]
        for case (.string(let name), let value) in members { variables[name] = value }
        for snippet in goldens.snippets {
            let text = try? ChatTemplate(source: snippet[0])
                .render(messages: [], addGenerationPrompt: true, variables: variables, clock: { "<\($0)>" })
            let expected = snippet.count > 1 ? snippet[1] : nil
            #expect(text.map { Array($0.utf8) } == expected.map { Array($0.utf8) }, "\(snippet[0])")
        }
    }
}

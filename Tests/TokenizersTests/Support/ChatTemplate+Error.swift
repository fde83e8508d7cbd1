import Tokenizers

extension ChatTemplate {
    /// Why a template cannot be read, or not be rendered for no messages; nil where it can.
    static func error(of source: String) -> TemplateError? {
        do throws(TemplateError) {
            _ = try ChatTemplate(source: source).render(messages: [], addGenerationPrompt: true)
            return nil
        } catch {
            return error
        }
    }
}

import Foundation

/// A model's chat template: Jinja, as far as such templates use it, set up as Hugging Face's `apply_chat_template` does (trim_blocks, lstrip_blocks,
/// loop controls, its `tojson`, an immutable sandbox).
///
/// Templates come with models and are not trusted: their size, nesting, work and output are bounded.
public struct ChatTemplate: Sendable {
    /// Templates of more bytes are refused.
    public static let maximumSize = 1 << 20
    /// The template as it is written.
    public let source: String
    private let nodes: [TemplateNode]

    /// Parses a template.
    ///
    /// - Throws: ``TemplateError`` with the line and the reason.
    public init(source: String) throws(TemplateError) {
        guard source.utf8.count <= Self.maximumSize else {
            throw TemplateError("longer than \(Self.maximumSize) bytes")
        }
        self.source = source
        nodes = try TemplateParser.parse(source)
    }

    /// Writes messages as the prompt that the model was trained on.
    ///
    /// - Parameters:
    ///   - messages: the chat so far.
    ///   - addGenerationPrompt: whether the prompt ends where the assistant's next message begins.
    ///   - variables: further names that the template may use, such as `bos_token`; they win over the names that are always set: `messages`,
    ///     `add_generation_prompt`, and, as none, `tools` and `documents`.
    ///   - clock: what `strftime_now` tells for a format of strftime; today's date by default.
    /// - Throws: ``TemplateError`` where the template refuses the messages, or takes too long.
    public func render(
        messages: [ChatMessage],
        addGenerationPrompt: Bool,
        variables: [String: TemplateValue] = [:],
        clock: @escaping @Sendable (String) -> String = ChatTemplate.now
    ) throws(TemplateError) -> String {
        var names: [String: TemplateValue] = ["tools": .none, "documents": .none]
        names["messages"] = .list(messages.map { .mapping(texts: [("role", .string($0.role)), ("content", .string($0.content))]) })
        names["add_generation_prompt"] = .bool(addGenerationPrompt)
        names.merge(variables) { $1 }
        var renderer = try TemplateRenderer(variables: names, clock: clock)
        return try renderer.render(nodes)
    }

    /// The local time now, as strftime formats it; at most 255 bytes, nothing where that is too little.
    public static func now(_ format: String) -> String {
        var (seconds, parts) = (time(nil), tm())
        localtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 256)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

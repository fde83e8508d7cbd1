import ModelFiles

/// What a Hugging Face folder says of its tokenizer outside `tokenizer.json`: `tokenizer_config.json`, the configurations' ends of text, and the chat
/// template in either place.
struct HuggingFaceTokenizerSettings {
    /// The text of the token that begins a sequence.
    let beginning: String?
    /// The text of the token that ends one.
    let end: String?
    /// Whether prompts begin with ``beginning``; nil where the file does not say.
    let addsBeginning: Bool?
    /// Further tokens that end an answer.
    let ends: [Int]
    /// The source of the chat template.
    let chatTemplate: String?

    init(folder: HuggingFaceFolder) throws(TokenizerError) {
        let json = try Self.read("tokenizer_config.json", folder)
        beginning = Self.text(json?["bos_token"])
        end = Self.text(json?["eos_token"])
        addsBeginning = json?["add_bos_token"]?.bool
        let generation = try Self.read("generation_config.json", folder)
        ends = [folder.configuration.json["eos_token_id"], generation?["eos_token_id"]].flatMap { value in
            value?.integer.map { [$0] } ?? value?.array?.compactMap(\.integer) ?? []
        }
        chatTemplate = try Self.template(json, folder)
    }

    private static func read(_ name: String, _ folder: HuggingFaceFolder) throws(TokenizerError) -> JSONTree? {
        guard let path = folder.file(name) else { return nil }
        do { return try JSONTree(path: path) } catch { throw .file(error) }
    }

    /// A token's text, by itself or with its attributes.
    private static func text(_ value: JSONTree?) -> String? {
        value?.string ?? value?["content"]?.string
    }

    /// A file of its own comes first, as in transformers; of several templates in the configuration the one named `default` counts.
    private static func template(_ json: JSONTree?, _ folder: HuggingFaceFolder) throws(TokenizerError) -> String? {
        if let path = folder.file("chat_template.jinja") {
            let file: MappedFile
            do { file = try MappedFile(path: path) } catch { throw .file(error) }
            // What is longer is refused as a template, too; a byte more tells it.
            let text = withExtendedLifetime(file) { String(validating: file.bytes.prefix(ChatTemplate.maximumSize + 1), as: UTF8.self) }
            guard let text else { throw .file(.badFormat("\(path.debugDescription) is not valid UTF-8")) }
            return text
        }
        let value = json?["chat_template"]
        let named = value?.array?.first { $0["name"]?.word == "default" }
        return value?.string ?? named?["template"]?.string
    }
}

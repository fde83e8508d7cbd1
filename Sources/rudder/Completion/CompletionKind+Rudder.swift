import ArgumentParser

extension CompletionKind {
    /// The names of value functions.
    static var heads: CompletionKind {
        .custom { arguments, _, _ in CompletionNames.heads(arguments: arguments) }
    }

    /// Models: names of the catalogue, GGUF files and folders.
    static var models: CompletionKind {
        .custom { _, _, prefix in CompletionNames.models(prefix: prefix) }
    }

    /// Files of value functions.
    static var headFiles: CompletionKind { .file(extensions: ["safetensors"]) }

    /// Configuration files.
    static var configurationFiles: CompletionKind { .file(extensions: ["yaml", "yml"]) }
}

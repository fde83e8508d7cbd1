/// The architectures that are built in, by their names in GGUF.
enum ArchitectureTable {
    static let all: [(name: String, type: any Architecture.Type)] = [
        ("llama", Llama.self),
        ("falcon", Falcon.self),
        ("qwen2", Qwen2.self),
        ("qwen3", Qwen3.self),
        ("gemma3", Gemma3.self),
        ("phi3", Phi3.self),
    ]

    /// The architecture of a name.
    ///
    /// - Throws: ``ModelError/unsupportedArchitecture(_:supported:)``
    static func type(_ name: String) throws(ModelError) -> any Architecture.Type {
        guard let found = all.first(where: { $0.name == name }) else {
            throw .unsupportedArchitecture(name, supported: all.map(\.name))
        }
        return found.type
    }
}

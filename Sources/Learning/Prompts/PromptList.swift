import ModelFiles

/// Prompts that can be had one by one: an array, or a file that need not fit into memory.
public protocol PromptList: Sendable {
    /// How many there are.
    var count: Int { get }

    /// One of them.
    ///
    /// - Parameter place: 0 to below ``count``.
    /// - Throws: ``LineError`` where it cannot be read.
    func prompt(at place: Int) throws(LineError) -> Prompt
}

extension PromptList {
    /// The SHA-256 of all prompts, in hexadecimal digits.
    func fingerprint() throws -> String {
        let hasher = try SHA256Hasher(of: "prompts")
        for place in 0..<count { try JSONLines.line(prompt(at: place)).withUnsafeBytes { hasher.update($0) } }
        return try hasher.finish().hex
    }
}

extension [Prompt]: PromptList {
    /// One of them.
    public func prompt(at place: Int) -> Prompt {
        self[place]
    }
}

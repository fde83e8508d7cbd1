import Foundation

/// What every chunk of one answer repeats: its id, the time it began, and the model's id.
package struct AnswerIdentity: Sendable {
    package let id: String
    /// Seconds since 1970.
    package let created: Int
    package let model: String

    /// - Parameters:
    ///   - prefix: What the id begins with, such as `chatcmpl-`.
    ///   - model: The model's id.
    package init(prefix: String, model: String) {
        id = prefix + UUID().uuidString.lowercased().filter { $0 != "-" }
        created = Int(Date().timeIntervalSince1970)
        self.model = model
    }

    /// Writes the members that open an answer or a chunk.
    package func write(to writer: inout JSONWriter, object: String) {
        writer.member("id", id)
        writer.member("object", object)
        writer.member("created", created)
        writer.member("model", model)
    }
}

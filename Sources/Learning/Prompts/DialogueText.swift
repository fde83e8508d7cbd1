import Tokenizers

/// Dialogues as the HH-RLHF data set writes them (Bai et al., arXiv:2204.05862): turns that begin with `\n\nHuman:` and `\n\nAssistant:`.
enum DialogueText {
    private static let speakers: [(mark: [UInt8], role: String)] = [
        (Array("\n\nHuman:".utf8), "user"), (Array("\n\nAssistant:".utf8), "assistant"),
    ]

    /// The messages before the last answer, and that answer.
    ///
    /// - Returns: nil where the text is no dialogue of at least a question and an answer, the last turn.
    static func split(_ text: String) -> (messages: [ChatMessage], answer: String)? {
        var messages = turns(Array(text.utf8))
        guard let last = messages.popLast(), last.role == "assistant", messages.last?.role == "user" else { return nil }
        return (messages, last.content)
    }

    /// All turns; what one speaker says in several, one after the other, becomes one message, as chat templates want it.
    private static func turns(_ bytes: [UInt8]) -> [ChatMessage] {
        var found: [(role: String, content: [UInt8])] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x0A, let speaker = speakers.first(where: { bytes[index...].starts(with: $0.mark) }) {
                index += speaker.mark.count
                if found.last?.role == speaker.role {
                    found[found.count - 1].content += Array("\n\n".utf8)
                } else {
                    found.append((speaker.role, []))
                }
            } else {
                guard !found.isEmpty else { return [] }
                found[found.count - 1].content.append(bytes[index])
                index += 1
            }
        }
        return found.map { ChatMessage(role: $0.role, content: String(decoding: trimmed($0.content), as: UTF8.self)) }
    }

    private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        let isSpace: (UInt8) -> Bool = { [0x20, 0x0A, 0x0D, 0x09].contains($0) }
        let start = bytes.firstIndex { !isSpace($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
        return bytes[start..<end]
    }
}

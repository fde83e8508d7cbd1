import Server

/// What a line of a stream of completions tells.
package enum StreamEvent: Equatable {
    /// A piece of the text.
    case content
    /// How many tokens were generated, and how many of the prompt were computed: those that the server did not have in its cache.
    case usage(tokens: Int, promptTokens: Int)
    /// The generation failed.
    case failure(String)
    /// The stream's last line.
    case done
    /// Anything else: comments, the role, the reason why it ended.
    case other

    /// Understands one line, without its end.
    ///
    /// Text is what nearly all events are about: the others alone are parsed as JSON.
    package static func of(_ line: UnsafeRawBufferPointer) -> StreamEvent {
        guard line.starts(with: "data:".utf8) else { return .other }
        var start = 5
        while start < line.count, line[start] == UInt8(ascii: " ") { start += 1 }
        let data = UnsafeRawBufferPointer(rebasing: line[start...])
        if data.elementsEqual("[DONE]".utf8) { return .done }
        if hasText(data, key: "\"text\"") || hasText(data, key: "\"content\"") { return .content }
        guard let document = try? JSONParser.parse(Array(data)) else { return .failure("an event is not JSON") }
        if case .string(let message)? = document["error"]?["message"] { return .failure(message) }
        if document["error"] != nil { return .failure("unnamed") }
        guard let usage = document["usage"], let tokens = number(usage["completion_tokens"]) else { return .other }
        let cached = number(usage["prompt_tokens_details"]?["cached_tokens"]) ?? 0
        return .usage(tokens: tokens, promptTokens: max((number(usage["prompt_tokens"]) ?? 0) - cached, 0))
    }

    private static func number(_ value: JSONValue?) -> Int? {
        guard case .number(let number)? = value else { return nil }
        return number.integer
    }

    /// Whether the key stands there with a string that is not empty. Within a string it would not: its quotes would be escaped.
    private static func hasText(_ data: UnsafeRawBufferPointer, key: StaticString) -> Bool {
        let (quote, colon, space) = (UInt8(ascii: "\""), UInt8(ascii: ":"), UInt8(ascii: " "))
        var position = 0
        while position + key.utf8CodeUnitCount < data.count {
            guard data[position] == quote, data[position...].starts(with: key.bytes) else {
                position += 1
                continue
            }
            position += key.utf8CodeUnitCount
            while position < data.count, data[position] == colon || data[position] == space { position += 1 }
            return position + 1 < data.count && data[position] == quote && data[position + 1] != quote
        }
        return false
    }
}

extension StaticString {
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}

import Testing
import rudder

@Suite("rudder bench --server: events of a stream")
struct EventParserTests {
    @Test(
        "what a line tells",
        arguments: [
            (#"data: {"choices":[{"text":"a","index":0}]}"#, StreamEvent.content),
            (#"data: {"choices": [{"index": 0, "delta": {"content": "a"}}]}"#, .content),
            (#"data:{"choices":[{"delta":{"role":"assistant","content":""}}]}"#, .other),
            (#"data: {"choices":[{"text":"","finish_reason":"stop"}]}"#, .other),
            (#"data: {"note":"\"text\":\"a\"","choices":[]}"#, .other),
            (#"data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":7}}"#, .usage(tokens: 7, promptTokens: 3)),
            (
                #"data: {"choices":[],"usage":{"prompt_tokens":30,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":16}}}"#,
                .usage(tokens: 7, promptTokens: 14)
            ),
            (#"data: {"error":{"message":"no"}}"#, .failure("no")),
            ("data: {", .failure("an event is not JSON")),
            ("data: [DONE]", .done),
            (": queued", .other),
        ]
    )
    func line(text: String, event: StreamEvent) {
        #expect(Array(text.utf8).withUnsafeBytes { StreamEvent.of($0) } == event)
    }

    @Test("lines end in LF or CR LF, in any piece", arguments: [1, 2, 5, 1000])
    func pieces(size: Int) throws {
        var (parser, events) = (EventParser(), [StreamEvent]())
        var rest = Array("data: {\"text\":\"a\"}\r\n\r\ndata: {\"text\":\"b\"}\n\ndata: [DONE]\n\n".utf8)[...]
        while !rest.isEmpty {
            try Array(rest.prefix(size)).withUnsafeBytes { try parser.take($0) { events.append($0) } }
            rest = rest.dropFirst(size)
        }
        #expect(events == [.content, .content, .done])
    }
}

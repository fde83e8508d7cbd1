import Foundation
import Logging
import Server
import Synchronization
import Testing

@Suite("log lines")
struct LogLineTests {
    private func line(_ message: String, _ metadata: Logger.Metadata = [:]) -> LogLine {
        LogLine(time: "2026-01-31T09:05:00.250Z", level: .warning, message: message, metadata: metadata)
    }

    private func text(_ line: LogLine, _ format: LogFormat) -> String {
        String(decoding: line.encoded(format), as: UTF8.self)
    }

    @Test("a JSON line is one object, numbers and flags as such, the id first and what requests have after it")
    func json() throws {
        let found = text(
            line(
                "said \"so\"\n",
                [
                    "bytes": .stringConvertible(12), "duration": .stringConvertible(0.25), "aborted": .stringConvertible(true),
                    "path": "/a\u{1}b", "request_id": "r 1", "heads": ["a", "b"], "more": ["x": "y"],
                ]
            ),
            .json
        )
        #expect(
            found
                == #"{"time":"2026-01-31T09:05:00.250Z","level":"warning","message":"said \"so\"\n","request_id":"r 1","path":"/a\u0001b","#
                + #""duration":0.25,"bytes":12,"aborted":true,"heads":["a","b"],"more":{"x":"y"}}"# + "\n"
        )
        #expect(try JSONParser.parse(found)["message"]?.text == "said \"so\"\n")
    }

    @Test("a text line has the same facts; what is no word stands in quotes, and nothing begins a line of its own")
    func plain() {
        let found = text(
            line(
                "failed:\nforged\r\u{1B}[2J",
                ["request_id": "r 1", "path": "/a", "text": "x\ny\"=", "empty": "", "bytes": .stringConvertible(12)]
            ),
            .text
        )
        #expect(
            found
                == #"2026-01-31T09:05:00.250Z warning failed:\nforged\r\u{1b}[2J request_id="r 1" path=/a bytes=12 empty="" text="x\ny\"=""#
                + "\n"
        )
    }

    @Test("nothing in a text line does anything to a terminal, whichever character it is")
    func active() {
        let found = text(line("a\u{9B}b\u{2028}", ["text": "x\u{7F}\u{85}\u{202E}y", "word": "\u{2029}", "name": "日本 é👩‍👧"]), .text)
        let rest = #"name="日本 é👩‍👧" text="x\u{7f}\u{85}\u{202e}y" word="\u{2029}""#
        #expect(found == #"2026-01-31T09:05:00.250Z warning a\u{9b}b\u{2028} \#(rest)"# + "\n")
    }

    @Test("a logger's own metadata, the provider's and a message's come together, and times are RFC 3339 in UTC")
    func handler() throws {
        let capture = Capture()
        var logger = Logger(label: "test") { _ in
            LineLogHandler(format: .json, metadataProvider: Logger.MetadataProvider { ["request_id": "r1", "b": "provided"] }) {
                capture.add($0)
            }
        }
        logger[metadataKey: "a"] = "own"
        logger[metadataKey: "b"] = "own"
        logger.info("hello", metadata: ["c": "given"])
        logger.debug("unheard")
        let line = try JSONParser.parse(capture.bytes)
        #expect(line["a"]?.text == "own" && line["b"]?.text == "provided" && line["c"]?.text == "given")
        #expect(line["request_id"]?.text == "r1" && line["level"]?.text == "info")
        let time = try #require(line["time"]?.text)
        let date = try #require(try? Date(time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        #expect(time.utf8.count == 24 && time.hasSuffix("Z") && abs(date.timeIntervalSinceNow) < 60)
    }

    private final class Capture: Sendable {
        private let state = Mutex<[UInt8]>([])

        func add(_ line: [UInt8]) {
            state.withLock { $0 += line }
        }

        var bytes: [UInt8] {
            state.withLock { $0 }
        }
    }
}

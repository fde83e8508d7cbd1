import Logging
import Server
import Synchronization

/// A log of JSON lines that a test reads.
final class LogCapture: Sendable {
    private let written = Mutex<[UInt8]>([])

    /// What logs to it, from `debug` on.
    var logger: Logger {
        var logger = Logger(label: "test") { [self] _ in
            LineLogHandler(format: .json) { line in self.written.withLock { $0 += line } }
        }
        logger.logLevel = .debug
        return logger
    }

    /// All of it.
    var text: String {
        written.withLock { String(decoding: $0, as: UTF8.self) }
    }

    /// Every line, parsed.
    func lines() throws -> [JSONValue] {
        try text.split(separator: "\n").map { try JSONParser.parse(String($0)) }
    }

    /// The lines of a request, once `count` of them are there.
    func lines(of requestID: String, atLeast count: Int = 1) async throws -> [JSONValue] {
        for _ in 0..<500 {
            let found = try lines().filter { $0["request_id"]?.text == requestID }
            if found.count >= count { return found }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestFailure("fewer than \(count) lines of \(requestID): \(text)")
    }
}

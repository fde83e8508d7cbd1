import Logging
import Server

/// The program's log, on standard error.
enum Log {
    /// A logger that tells messages of that level and above.
    static func make(level: String) -> Logger {
        let output = LogOutput(descriptor: StandardError.descriptor, format: .text)
        return make(level: Live(Logger.Level(rawValue: level) ?? .info), format: .text, output: output)
    }

    /// A logger that tells messages of that level and above, as lines of a format.
    static func make(level: Live<Logger.Level>, format: LogFormat, output: LogOutput) -> Logger {
        Logger(label: "rudder") { _ in LineLogHandler(format: format, level: level) { output.write($0) } }
    }
}

import Logging
import Server

/// The program's log, on standard error.
enum Log {
    /// A logger that tells messages of that level and above.
    static func make(level: String) -> Logger {
        make(level: level, format: .text, output: LogOutput(descriptor: StandardError.descriptor, format: .text))
    }

    /// A logger that tells messages of that level and above, as lines of a format.
    static func make(level: String, format: LogFormat, output: LogOutput) -> Logger {
        var logger = Logger(label: "rudder") { _ in LineLogHandler(format: format) { output.write($0) } }
        logger.logLevel = Logger.Level(rawValue: level) ?? .info
        return logger
    }
}

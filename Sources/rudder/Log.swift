import Logging

/// The program's log, on standard error.
enum Log {
    /// A logger that tells messages of that level and above.
    static func make(level: String) -> Logger {
        var logger = Logger(label: "rudder") { label in StreamLogHandler.standardError(label: label) }
        logger.logLevel = Logger.Level(rawValue: level) ?? .info
        return logger
    }
}

import HTTP
import Logging

/// Writes log messages as lines of one format.
package struct LineLogHandler: LogHandler {
    /// Where it was not set for this logger alone, what holds for all of them, now.
    package var logLevel: Logger.Level {
        get { ownLevel ?? level.value }
        set { ownLevel = newValue }
    }

    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private var ownLevel: Logger.Level?
    private let level: Live<Logger.Level>
    private let format: LogFormat
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameters:
    ///   - format: How lines are written.
    ///   - level: The least severe messages that are written.
    ///   - metadataProvider: What else belongs to a message, such as the id of the request.
    ///   - write: Takes each line, its end included.
    package init(
        format: LogFormat,
        level: Live<Logger.Level> = Live(.info),
        metadataProvider: Logger.MetadataProvider? = RequestContext.metadataProvider,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.format = format
        self.level = level
        self.metadataProvider = metadataProvider
        self.write = write
    }

    package subscript(metadataKey name: String) -> Logger.MetadataValue? {
        get { metadata[name] }
        set { metadata[name] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        if let metadataProvider { all.merge(metadataProvider.get()) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error { all["error"] = .string("\(error)") }
        write(LogLine(time: LogTime.now(), level: event.level, message: event.message.description, metadata: all).encoded(format))
    }
}

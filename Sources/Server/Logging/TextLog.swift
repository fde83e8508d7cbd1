import Logging

/// Logs what requests say and are answered, for those who asked for it (`log.prompts`). Without one, neither is in any line.
package struct TextLog: Sendable {
    private let logger: Logger

    package init(logger: Logger) {
        self.logger = logger
    }

    /// Logs a prompt as the model reads it.
    package func prompt(_ text: String, index: Int) {
        logger.info("prompt", metadata: ["index": .stringConvertible(index), "text": .string(text)])
    }

    /// Logs an answer, or what there is of it.
    package func answer(_ text: String, index: Int) {
        logger.info("answer", metadata: ["index": .stringConvertible(index), "text": .string(text)])
    }
}

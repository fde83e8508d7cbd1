import HTTPTypes
import Inference

/// Decides whether a line, one of many, is tried once more: what failed by the server's fault may go well the next time.
struct LineRetries: Sendable {
    private var failures = 0
    private var waits = 0
    private let mostWaits: Int

    /// So often a worker may fail under one line, for that may be the line's fault.
    private static let mostFailures = 2
    /// How long to wait before the next try.
    static let pause = Duration.seconds(1)

    /// - Parameter mostWaits: How often it may be that no worker is up.
    init(mostWaits: Int = .max) {
        self.mostWaits = mostWaits
    }

    /// Whether workers failed again and again under the line.
    var isSuspect: Bool {
        failures >= Self.mostFailures
    }

    /// Whether to try again after an error.
    mutating func allow(_ error: any Error) -> Bool {
        switch error {
        case GenerationError.workerFailed, GenerationError.readerTooSlow:
            failures += 1
            return failures <= Self.mostFailures
        case let error as APIError where error.status == .serviceUnavailable:
            waits += 1
            return waits <= mostWaits
        default:
            return false
        }
    }
}

import Dispatch
import Foundation
import Logging
import Synchronization

/// Where log lines go: a descriptor, line after line, each of them whole.
///
/// Whoever logs does not wait. A line is written at once where the descriptor takes it; where it is a pipe that nobody empties, lines wait for a thread
/// of their own, and those for which no room is left are dropped and counted. Only where another process fills the same pipe between the question
/// whether it takes a line and the line itself is that waited for.
package final class LogOutput: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isWriting = false
        var dropped = 0
    }

    /// A pipe that can be written to at all takes that much at once.
    private static let atOnce = 4096
    /// How many bytes of lines may wait.
    private static let capacity = 1 << 20

    private let descriptor: Int32
    private let format: LogFormat
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "rudder.log", qos: .utility)

    /// Writes to a descriptor, which stays its owner's.
    ///
    /// - Parameters:
    ///   - descriptor: Where lines go.
    ///   - format: How the line is written that tells of lost ones.
    package init(descriptor: Int32, format: LogFormat) {
        self.descriptor = descriptor
        self.format = format
    }

    /// Writes a line, its end included.
    package func write(_ line: [UInt8]) {
        state.withLock { state in
            if !state.isWriting, line.count <= Self.atOnce, isReady {
                put(line)
            } else if state.waiting.count + line.count <= Self.capacity {
                state.waiting += line
                guard !state.isWriting else { return }
                state.isWriting = true
                queue.async { [self] in writeWaiting() }
            } else {
                state.dropped += 1
            }
        }
    }

    /// Waits until what was logged is written, for at most some time; for a program's end.
    package func flush(timeout: DispatchTimeInterval = .seconds(1)) {
        let isWritten = DispatchSemaphore(value: 0)
        queue.async { isWritten.signal() }
        _ = isWritten.wait(timeout: .now() + timeout)
    }

    /// Whether a write would go through at once.
    private var isReady: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // Also true where it is broken: the write then fails at once.
        return poll(&entry, 1, 0) > 0
    }

    private func writeWaiting() {
        while true {
            let (bytes, dropped) = state.withLock { state -> ([UInt8], Int) in
                defer { (state.waiting, state.dropped) = ([], 0) }
                state.isWriting = !state.waiting.isEmpty || state.dropped > 0
                return (state.waiting, state.dropped)
            }
            if bytes.isEmpty, dropped == 0 { return }
            put(bytes)
            if dropped > 0 { put(notice(of: dropped)) }
        }
    }

    /// Writes bytes. Where nobody will ever read them they are lost.
    private func put(_ bytes: [UInt8]) {
        _ = DescriptorOutput.write(bytes, to: descriptor)
    }

    private func notice(of dropped: Int) -> [UInt8] {
        let message = "log lines were dropped: there was no room to keep them until they could be written"
        return LogLine(time: LogTime.now(), level: .warning, message: message, metadata: ["lines": .stringConvertible(dropped)])
            .encoded(format)
    }
}

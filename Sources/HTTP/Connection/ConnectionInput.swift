import Dispatch
import Synchronization

/// The bytes that a peer sent and nobody has read yet, at most ``capacity``: filled by a readiness source, emptied by the connection's task.
final class ConnectionInput: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        var start = 0
        var isEnded = false
        var isPaused = false
        var isCancelled = false
        var waiter: CheckedContinuation<Void, Never>?

        var count: Int {
            buffer.count - start
        }
    }

    /// Beyond this the source is paused, and TCP makes the peer wait.
    private static let capacity = 64 << 10

    private let transport: any ByteTransport
    /// Suspended, resumed and cancelled under the lock alone.
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private let state = Mutex(State())
    /// Called once when the peer has sent its last byte and none of its bytes waits.
    private let onEnd: @Sendable () -> Void

    /// Starts reading. The source must be made for the transport's descriptor, and be inactive; its cancel handler closes the descriptor.
    init(transport: any ByteTransport, source: any DispatchSourceRead, onEnd: @escaping @Sendable () -> Void) {
        self.transport = transport
        self.source = source
        self.onEnd = onEnd
        source.setEventHandler { [weak self] in self?.fill() }
    }

    /// Starts the source.
    func activate() {
        source.activate()
    }

    private func fill() {
        let (waiter, isAbandoned) = state.withLock { state -> (CheckedContinuation<Void, Never>?, Bool) in
            guard !state.isEnded, !state.isCancelled else { return (nil, false) }
            let result = withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { space -> TransportResult in
                let result = transport.read(into: space)
                if case .bytes(let count) = result { state.buffer.append(contentsOf: space[..<count]) }
                return result
            }
            switch result {
            case .bytes: if state.count >= Self.capacity { pause(&state) }
            case .wouldBlock: return (nil, false)
            case .end, .failed:
                state.isEnded = true
                pause(&state)
            }
            defer { state.waiter = nil }
            return (state.waiter, state.isEnded && state.count == 0)
        }
        waiter?.resume()
        if isAbandoned { onEnd() }
    }

    private func pause(_ state: inout State) {
        guard !state.isPaused, !state.isCancelled else { return }
        state.isPaused = true
        source.suspend()
    }

    /// Lends the bytes that wait, and whether none will follow; `body` tells how many of them it has used up.
    func consume<Result>(_ body: (ArraySlice<UInt8>, _ isEnded: Bool) -> (Result, used: Int)) -> Result {
        let (result, isAbandoned) = state.withLock { state -> (Result, Bool) in
            let (result, used) = body(state.buffer[state.start...], state.isEnded || state.isCancelled)
            state.start += used
            if state.start == state.buffer.count {
                state.buffer.removeAll(keepingCapacity: true)
                state.start = 0
            } else if state.start > Self.capacity {
                state.buffer.removeFirst(state.start)
                state.start = 0
            }
            if state.isPaused, !state.isEnded, !state.isCancelled, state.count < Self.capacity {
                state.isPaused = false
                source.resume()
            }
            return (result, used > 0 && state.isEnded && state.count == 0)
        }
        if isAbandoned { onEnd() }
        return result
    }

    /// How many bytes wait, and whether more may come.
    var status: (count: Int, isEnded: Bool) {
        state.withLock { ($0.count, $0.isEnded || $0.isCancelled) }
    }

    /// Waits until more than `count` bytes wait, or no more can come. Bounded by the connection's deadlines, which cancel the input.
    func waitForMore(than count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state -> Bool in
                if state.count > count || state.isEnded || state.isCancelled { return true }
                state.waiter = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    /// Stops reading. The source's cancel handler runs, and closes the descriptor, once.
    func cancel() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isCancelled else { return nil }
            state.isCancelled = true
            source.cancel()
            // libdispatch runs the cancel handler of a suspended source only once it is resumed, and traps if it is released before.
            if state.isPaused { source.resume() }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Gives up waiting, as if the peer had ended: what waits wakes up.
    func end() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isEnded = true
            pause(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}

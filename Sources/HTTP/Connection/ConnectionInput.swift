import Dispatch
import Synchronization

/// The bytes that a peer sent and nobody has read yet, bounded: filled by a readiness source, emptied by the connection's task.
final class ConnectionInput: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        var start = 0
        /// The peer has sent its last byte, or the connection broke.
        var isEnded = false
        /// Nobody waits for more, though more may come.
        var isGivenUp = false
        /// How often it went on after that.
        var turn = 0
        var isPaused = false
        var isCancelled = false
        /// The connection waits, and maybe a reader that the handler has left behind.
        var waiters: [CheckedContinuation<Void, Never>] = []

        var count: Int {
            buffer.count - start
        }

        /// Whether nothing is to be waited for.
        var isOver: Bool {
            isEnded || isGivenUp || isCancelled
        }

        /// Whoever waits, and then nobody does.
        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            defer { waiters = [] }
            return waiters
        }
    }

    /// Beyond this the source is paused, and TCP makes the peer wait.
    private let capacity: Int

    private let transport: any ByteTransport
    /// Suspended, resumed and cancelled under the lock alone.
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private let state = Mutex(State())
    /// Called once when the peer has sent its last byte or is gone, whether or not bytes of it still wait.
    private let onEnd: @Sendable () -> Void

    /// Prepares to read, at most `capacity` bytes ahead. The source must be made for the transport's descriptor, and be inactive; its cancel handler closes the descriptor.
    init(transport: any ByteTransport, source: any DispatchSourceRead, capacity: Int, onEnd: @escaping @Sendable () -> Void) {
        self.transport = transport
        self.source = source
        self.capacity = max(capacity, 16 << 10)
        self.onEnd = onEnd
        source.setEventHandler { [weak self] in self?.fill() }
    }

    /// Starts the source.
    func activate() {
        source.activate()
    }

    private func fill() {
        let (waiters, hasEnded) = state.withLock { state -> ([CheckedContinuation<Void, Never>], Bool) in
            guard !state.isEnded, !state.isCancelled else { return ([], false) }
            let result = withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { space -> TransportResult in
                var result = transport.read(into: space)
                var last = result
                while case .bytes(let count) = last {
                    state.buffer.append(contentsOf: space[..<count])
                    last = transport.readBuffered(into: space)
                    if last == .end { result = .end }
                    if case .failed = last { result = last }
                }
                return result
            }
            switch result {
            case .bytes: if state.count >= capacity { pause(&state) }
            case .wouldBlock: return ([], false)
            case .end, .failed:
                state.isEnded = true
                pause(&state)
            }
            return (state.takeWaiters(), state.isEnded)
        }
        for waiter in waiters { waiter.resume() }
        if hasEnded { onEnd() }
    }

    private func pause(_ state: inout State) {
        guard !state.isPaused, !state.isCancelled else { return }
        state.isPaused = true
        source.suspend()
    }

    /// Lends the bytes that wait, and whether none will follow; `body` tells how many of them it has used up.
    func consume<Result>(_ body: (ArraySlice<UInt8>, _ isEnded: Bool) -> (Result, used: Int)) -> Result {
        state.withLock { state in
            let (result, used) = body(state.buffer[state.start...], state.isOver)
            state.start += used
            if state.start == state.buffer.count {
                state.buffer.removeAll(keepingCapacity: true)
                state.start = 0
            } else if state.start > capacity {
                state.buffer.removeFirst(state.start)
                state.start = 0
            }
            if state.isPaused, !state.isEnded, !state.isCancelled, state.count < capacity {
                state.isPaused = false
                source.resume()
            }
            return result
        }
    }

    /// How many bytes wait, and whether more may come.
    var status: (count: Int, isEnded: Bool) {
        state.withLock { ($0.count, $0.isOver) }
    }

    /// Waits until more than `count` bytes wait, or no more can come. Bounded by the connection's deadlines, which cancel the input.
    ///
    /// - Parameter orCancellation: whether the wait also ends where the task is cancelled.
    func waitForMore(than count: Int, orCancellation: Bool = false) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state -> Bool in
                    if state.count > count || state.isOver || (orCancellation && Task.isCancelled) { return true }
                    state.waiters.append(continuation)
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            if orCancellation { wake() }
        }
    }

    /// Has whoever waits look anew at what it waits for.
    func wake() {
        for waiter in state.withLock({ $0.takeWaiters() }) { waiter.resume() }
    }

    /// Stops reading. The source's cancel handler runs, and closes the descriptor, once.
    func cancel() {
        state.withLock { state in
            guard !state.isCancelled else { return }
            state.isCancelled = true
            source.cancel()
            // libdispatch runs the cancel handler of a suspended source only once it is resumed, and traps if it is released before.
            if state.isPaused { source.resume() }
        }
        wake()
    }

    /// Whether the peer has sent its last byte or is gone.
    var isEnded: Bool {
        state.withLock { $0.isEnded || $0.isCancelled }
    }

    /// Changes with each ``goOn()``.
    var turn: Int {
        state.withLock { $0.turn }
    }

    /// Gives up waiting, as if the peer had ended: what waits wakes up.
    ///
    /// - Parameter turn: The turn that was looked at; where it has gone on since, nothing is given up.
    func giveUp(in turn: Int) {
        state.withLock { $0.isGivenUp = $0.isGivenUp || turn == $0.turn }
        wake()
    }

    /// Waits for more again, also where that was given up.
    func goOn() {
        state.withLock { state in
            state.isGivenUp = false
            state.turn += 1
        }
    }
}

import Dispatch
import Synchronization

/// The bytes that wait for a peer. A write goes straight to the socket while that takes it; what is left waits for readiness, and the writer with it
/// once more than ``capacity`` bytes wait.
final class ConnectionOutput: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var start = 0
        var isArmed = false
        var isFailed = false
        var isCancelled = false
        /// How many responses were begun, and whether the last of them may still be written to.
        var responses = 0
        var isResponding = false
        /// How many bytes of its body were taken in.
        var bodyBytes = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// Since when the peer has taken nothing of what waits.
        var stalledSince: ContinuousClock.Instant?

        var count: Int {
            pending.count - start
        }
    }

    private static let capacity = 256 << 10

    private let transport: any ByteTransport
    /// Suspended, resumed and cancelled under the lock alone.
    private nonisolated(unsafe) let source: any DispatchSourceWrite
    private let state = Mutex(State())
    /// Called once when the peer can no longer be written to.
    private let onFailure: @Sendable () -> Void

    /// The source must be made for the transport's descriptor, and be inactive; its cancel handler tells that it is gone.
    init(transport: any ByteTransport, source: any DispatchSourceWrite, onFailure: @escaping @Sendable () -> Void) {
        self.transport = transport
        self.source = source
        self.onFailure = onFailure
        source.setEventHandler { [weak self] in self?.drain() }
    }

    /// Prepares the source; it sleeps until something waits.
    func activate() {
        source.activate()
        source.suspend()
    }

    /// Begins a streamed response.
    ///
    /// - Returns: its number, which writes of its body name.
    func beginResponse() -> Int {
        state.withLock { state in
            state.responses += 1
            state.isResponding = true
            state.bodyBytes = 0
            return state.responses
        }
    }

    /// Ends it: whoever still holds its writer writes nothing any more.
    func endResponse() {
        state.withLock { $0.isResponding = false }
    }

    /// How many bytes of the body of the last streamed response were written.
    var bodyBytes: Int {
        state.withLock { $0.bodyBytes }
    }

    /// Tells the peer that nothing follows. The descriptor is open as long as the output is not cancelled.
    func shutdownWriting() {
        state.withLock { state in
            if !state.isCancelled { transport.shutdownWriting() }
        }
    }

    /// Writes bytes, or lets them wait. Suspends while too many do.
    ///
    /// - Parameters:
    ///   - bytes: what is written.
    ///   - response: the response that they belong to; nil for what the connection itself writes.
    ///   - bodyBytes: how many bytes of that response's body they carry.
    ///   - isTooLate: whether they have nothing to say any more, asked in the moment that they would be added to what waits.
    /// - Throws: ``ResponseWriterError/disconnected`` where the peer is gone, the response has ended, or it is too late.
    func write(
        _ bytes: [UInt8],
        response: Int? = nil,
        bodyBytes: Int = 0,
        unless isTooLate: () -> Bool = { false }
    ) async throws(ResponseWriterError) {
        let (mustWait, isFailed, failedNow) = state.withLock { state -> (Bool, Bool, Bool) in
            if state.isFailed || state.isCancelled || isTooLate() { return (false, true, false) }
            if let response, !state.isResponding || response != state.responses { return (false, true, false) }
            state.pending.append(contentsOf: bytes)
            state.bodyBytes += bodyBytes
            let failedNow = state.isArmed ? false : !send(&state)
            return (state.count > Self.capacity, failedNow, failedNow)
        }
        if failedNow { onFailure() }
        if isFailed { throw .disconnected }
        if mustWait { try await flush(to: Self.capacity / 2) }
    }

    /// Waits until at most `count` bytes wait.
    func flush(to count: Int = 0) async throws(ResponseWriterError) {
        while true {
            let (isDone, isFailed) = state.withLock { ($0.count <= count, $0.isFailed || $0.isCancelled) }
            if isFailed { throw .disconnected }
            if isDone { return }
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state -> Bool in
                    guard state.count > count, !state.isFailed, !state.isCancelled else { return false }
                    state.waiters.append(continuation)
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        }
    }

    private func drain() {
        let (waiters, failedNow) = state.withLock { state -> ([CheckedContinuation<Void, Never>], Bool) in
            guard !state.isFailed, !state.isCancelled else { return ([], false) }
            let isGood = send(&state)
            guard !isGood || state.count <= Self.capacity / 2 else { return ([], false) }
            defer { state.waiters = [] }
            return (state.waiters, !isGood)
        }
        for waiter in waiters { waiter.resume() }
        if failedNow { onFailure() }
    }

    /// Sends what the socket takes, and arms or disarms the source.
    ///
    /// - Returns: false where the peer is gone.
    private func send(_ state: inout State) -> Bool {
        while state.count > 0 {
            let result = state.pending[state.start...].withUnsafeBytes { transport.write($0) }
            switch result {
            case .bytes(let count):
                state.start += count
                state.stalledSince = nil
                continue
            case .wouldBlock:
                if state.stalledSince == nil { state.stalledSince = .now }
                if !state.isArmed {
                    state.isArmed = true
                    source.resume()
                }
                // What is moved for it is no more than what was sent since the last time.
                if state.start > max(Self.capacity, state.pending.count / 2) {
                    state.pending.removeFirst(state.start)
                    state.start = 0
                }
                return true
            case .end, .failed:
                state.isFailed = true
                disarm(&state)
                return false
            }
        }
        state.pending.removeAll(keepingCapacity: state.pending.capacity <= Self.capacity)
        state.start = 0
        disarm(&state)
        return true
    }

    private func disarm(_ state: inout State) {
        guard state.isArmed, !state.isCancelled else { return }
        state.isArmed = false
        source.suspend()
    }

    /// Whether the peer has taken nothing for that long of what waits for it.
    func isStalled(for duration: Duration, at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in state.stalledSince.map { now - $0 > duration } ?? false }
    }

    /// Stops writing; what waits is dropped.
    func cancel() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard !state.isCancelled else { return [] }
            state.isCancelled = true
            source.cancel()
            // A suspended source must be resumed before it is released.
            if !state.isArmed { source.resume() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

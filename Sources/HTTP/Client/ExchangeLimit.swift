#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What ends an exchange early: its deadline, or that it is cancelled.
struct ExchangeLimit: Sendable {
    private let address: String
    private let timeout: Duration
    private let deadline: ContinuousClock.Instant
    private let cancellation: CancellationSignal

    /// Starts the clock.
    ///
    /// - Parameters:
    ///   - address: where the request goes, for errors.
    ///   - timeout: how long the exchange may take.
    ///   - cancellation: what is raised when nobody waits for the answer any more.
    init(address: String, timeout: Duration, cancellation: CancellationSignal) {
        self.init(
            address: address,
            timeout: timeout,
            // Over a hundred years: adding more could overflow.
            deadline: .now + min(timeout, .seconds(1 << 32)),
            cancellation: cancellation
        )
    }

    private init(address: String, timeout: Duration, deadline: ContinuousClock.Instant, cancellation: CancellationSignal) {
        (self.address, self.timeout, self.deadline, self.cancellation) = (address, timeout, deadline, cancellation)
    }

    /// The same, but only with its share of the time that is left.
    func share(of parts: Int) -> ExchangeLimit {
        let now = ContinuousClock.now
        return ExchangeLimit(address: address, timeout: timeout, deadline: now + (deadline - now) / parts, cancellation: cancellation)
    }

    /// Waits until a descriptor is ready, or broken, which the next call on it tells.
    ///
    /// - Parameters:
    ///   - events: what to wait for, as `poll` has it.
    ///   - descriptor: a socket that does not block.
    func wait(for events: Int32, on descriptor: Int32) throws(HTTPClientError) {
        var entries = [
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
            pollfd(fd: cancellation.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let remaining = deadline - .now
            guard remaining > .zero else { throw .timeout(address: address, seconds: timeout / .seconds(1)) }
            // Rounded up: a wait of no time at all, again and again, would keep a core busy.
            let milliseconds = Int32(min((remaining / .milliseconds(1)).rounded(.up), 1_000_000))
            let count = poll(&entries, nfds_t(entries.count), milliseconds)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(operation: "wait for", address: address, reason: String(cString: strerror(errno))) }
            if entries[1].revents != 0 { throw .cancelled }
            if entries[0].revents != 0 { return }
        }
    }
}

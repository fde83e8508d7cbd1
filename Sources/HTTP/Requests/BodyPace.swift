/// How long a client may be waited for while its body comes: a slow line needs time, and one that sends a byte now and then must not hold a request
/// for ever.
struct BodyPace {
    /// The longest wait for the next piece, and all waiting that needs no bytes to make up for it.
    private let pause: Duration
    /// Bytes that make up for a second of further waiting; nil: any wait up to `pause` is fine.
    private let rate: Int?
    private var received = 0
    private var waited = Duration.zero

    init(pause: Duration, rate: Int?) {
        self.pause = pause
        self.rate = rate.flatMap { $0 > 0 ? $0 : nil }
    }

    /// So many bytes have come.
    mutating func add(bytes: Int) {
        received += bytes
    }

    /// They were waited for so long.
    mutating func add(wait: Duration) {
        waited += wait
    }

    /// Begins anew.
    mutating func reset() {
        (received, waited) = (0, .zero)
    }

    /// How long the next wait may be.
    var nextWait: Duration {
        guard let rate else { return pause }
        return max(.zero, min(pause, pause + .seconds(Double(received) / Double(rate)) - waited))
    }
}

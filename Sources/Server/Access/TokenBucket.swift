/// A bound on how much may be taken in a minute: a bucket that holds a minute's worth and is filled evenly.
///
/// More may be taken than there is, where it is not known before how much is needed; then nothing more is given until that is made up for.
struct TokenBucket: Sendable {
    /// What it holds when full: what may be taken in a minute.
    let perMinute: Int
    private var level: Double
    private var time: ContinuousClock.Instant

    /// A full bucket.
    init(perMinute: Int, now: ContinuousClock.Instant) {
        self.perMinute = perMinute
        level = Double(perMinute)
        time = now
    }

    /// A bucket of another size that keeps what was taken.
    func resized(perMinute: Int, now: ContinuousClock.Instant) -> TokenBucket {
        var bucket = TokenBucket(perMinute: perMinute, now: now)
        bucket.level = max(-bucket.level, bucket.level - (Double(self.perMinute) - level(now)))
        return bucket
    }

    private func level(_ now: ContinuousClock.Instant) -> Double {
        let seconds = max(0, (now - time) / .seconds(1))
        return min(Double(perMinute), level + seconds * Double(perMinute) / 60)
    }

    /// What may be taken at once; 0 where more was taken than there was.
    func remaining(_ now: ContinuousClock.Instant) -> Int {
        Int(max(0, level(now)))
    }

    /// How long it takes until so much is there; zero where it is.
    func wait(for amount: Int, _ now: ContinuousClock.Instant) -> Duration {
        .seconds(max(0, Double(min(amount, perMinute)) - level(now)) * 60 / Double(perMinute))
    }

    /// How long it takes until the bucket is full.
    func reset(_ now: ContinuousClock.Instant) -> Duration {
        wait(for: perMinute, now)
    }

    /// Takes an amount, also one that is not there; a negative one is put back. Nobody ever has to make up for more than a minute.
    mutating func take(_ amount: Int, _ now: ContinuousClock.Instant) {
        level = max(-Double(perMinute), min(Double(perMinute), level(now) - Double(amount)))
        time = now
    }
}

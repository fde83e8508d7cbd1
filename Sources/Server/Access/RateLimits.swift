import HTTPTypes

/// What is left of a key's limits, as OpenAI's clients read it from the fields `x-ratelimit-*` of an answer.
package struct RateLimits: Sendable {
    let requests: TokenBucket?
    let tokens: TokenBucket?
    let now: ContinuousClock.Instant

    /// The names of all fields.
    static let names = ["limit", "remaining", "reset"].flatMap { part in ["requests", "tokens"].map { "x-ratelimit-\(part)-\($0)" } }

    /// Adds the fields of those limits that there are.
    func add(to fields: inout HTTPFields) {
        for (name, bucket) in [("requests", requests), ("tokens", tokens)] {
            guard let bucket else { continue }
            set("x-ratelimit-limit-\(name)", String(bucket.perMinute), in: &fields)
            set("x-ratelimit-remaining-\(name)", String(bucket.remaining(now)), in: &fields)
            set("x-ratelimit-reset-\(name)", Self.text(bucket.reset(now)), in: &fields)
        }
    }

    private func set(_ name: String, _ value: String, in fields: inout HTTPFields) {
        if let name = HTTPField.Name(name) { fields[name] = value }
    }

    /// A time as OpenAI writes it: `20ms`, `1.5s`, `6m0s`.
    package static func text(_ duration: Duration) -> String {
        let milliseconds = Int((duration / .milliseconds(1)).rounded(.up))
        guard milliseconds >= 1000 else { return "\(milliseconds)ms" }
        let (hours, restOfHour) = milliseconds.quotientAndRemainder(dividingBy: 3_600_000)
        let (minutes, rest) = restOfHour.quotientAndRemainder(dividingBy: 60_000)
        let seconds = Double(rest) / 1000
        let text = rest.isMultiple(of: 1000) ? String(rest / 1000) : String(seconds)
        if hours > 0 { return "\(hours)h\(minutes)m\(text)s" }
        return minutes > 0 ? "\(minutes)m\(text)s" : "\(text)s"
    }
}

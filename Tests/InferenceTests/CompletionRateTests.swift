import Inference
import Testing

@Suite("Completion rate")
struct CompletionRateTests {
    private let start = ContinuousClock.now

    private func time(_ seconds: Double) -> ContinuousClock.Instant {
        start + .milliseconds(Int(seconds * 1000))
    }

    @Test("idle there is none; before the first end the time so far counts")
    func first() throws {
        var rate = CompletionRate()
        #expect(rate.perSecond(now: time(5)) == nil)
        rate.update(ended: 0, isBusy: true, now: time(0))
        #expect(abs(try #require(rate.perSecond(now: time(4))) - 0.25) < 1e-6)
    }

    @Test("ends are counted over the time that there was something to do")
    func measures() throws {
        var rate = CompletionRate()
        rate.update(ended: 0, isBusy: true, now: time(0))
        for second in 1...10 { rate.update(ended: 1, isBusy: true, now: time(Double(second) * 2)) }
        #expect(abs(try #require(rate.perSecond(now: time(20))) - 0.5) < 1e-6)
        // An idle hour does not count; what was measured before it does, as one end.
        rate.update(ended: 1, isBusy: false, now: time(22))
        #expect(rate.perSecond(now: time(3000)) == nil)
        rate.update(ended: 0, isBusy: true, now: time(3600))
        #expect(abs(try #require(rate.perSecond(now: time(3600))) - 0.5) < 1e-6)
    }

    @Test("it follows a change within some tens of ends")
    func follows() throws {
        var rate = CompletionRate()
        rate.update(ended: 0, isBusy: true, now: time(0))
        for step in 1...1000 { rate.update(ended: 1, isBusy: true, now: time(Double(step) * 0.01)) }
        for step in 1...60 { rate.update(ended: 1, isBusy: true, now: time(10 + Double(step))) }
        let found = try #require(rate.perSecond(now: time(70)))
        #expect(found > 0.9 && found < 1.5)
    }
}

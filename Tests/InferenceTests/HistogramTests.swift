import Inference
import Testing

@Suite("Histograms")
struct HistogramTests {
    @Test("a number counts in the first range whose bound is not below it")
    func ranges() {
        var histogram = Histogram(bounds: [-1, 0.5, 2])
        for value in [-5, -1, -0.5, 0.5, 0.50001, 2, 2.1, 1000] { histogram.observe(value) }
        #expect(histogram.counts == [2, 2, 2, 2])
        #expect(histogram.count == 8 && abs(histogram.sum - 998.60001) < 1e-9)
    }

    @Test("what is not finite is left out")
    func notFinite() {
        var histogram = Histogram(bounds: [1])
        for value in [Double.nan, .infinity, -.infinity, 0.5] { histogram.observe(value) }
        #expect(histogram.counts == [1, 0] && histogram.sum == 0.5)
    }

    @Test("histograms of the same bounds add up")
    func adds() {
        var (one, other, foreign) = (Histogram(bounds: [1, 2]), Histogram(bounds: [1, 2]), Histogram(bounds: [1]))
        one.observe(0.5)
        other.observe(1.5)
        other.observe(9)
        foreign.observe(1)
        one.add(other)
        one.add(foreign)
        #expect(one.counts == [1, 1, 1] && one.sum == 11)
    }
}

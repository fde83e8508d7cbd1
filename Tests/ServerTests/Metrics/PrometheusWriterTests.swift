import Inference
import Server
import Testing

@Suite("Prometheus' text format")
struct PrometheusWriterTests {
    private func text(_ write: (inout PrometheusWriter) -> Void) -> String {
        var writer = PrometheusWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("a family has its help and type, then its samples with labels in order")
    func families() {
        let found = text { writer in
            writer.family("a_total", .counter, "All of \\ them,\nby \"kind\".")
            writer.sample(3)
            writer.sample(4, ["b": "x", "a": "y"])
            writer.family("b", .gauge, "B.")
            writer.sample(0.25)
            writer.sample(2.0)
        }
        #expect(
            found == """
                # HELP a_total All of \\\\ them,\\nby "kind".
                # TYPE a_total counter
                a_total 3
                a_total{b="x",a="y"} 4
                # HELP b B.
                # TYPE b gauge
                b 0.25
                b 2

                """
        )
    }

    @Test("backslashes, quotes and line ends of label values are escaped, and nothing else")
    func escapes() {
        let found = text { writer in
            writer.family("a", .gauge, "A.")
            writer.sample(1, ["name": "C:\\ \"q\"\nnext\tü{}=,"])
        }
        #expect(found.hasSuffix("\na{name=\"C:\\\\ \\\"q\\\"\\nnext\tü{}=,\"} 1\n"))
    }

    @Test("a histogram's ranges count all below their bound, and the last one everything")
    func histograms() {
        var histogram = Histogram(bounds: [-0.5, 0.001, 1])
        for value in [-1, 0, 0.5, 0.75, 7] { histogram.observe(value) }
        let found = text { writer in
            writer.family("h", .histogram, "H.")
            writer.sample(histogram, ["model": "m"])
        }
        #expect(
            found == """
                # HELP h H.
                # TYPE h histogram
                h_bucket{model="m",le="-0.5"} 1
                h_bucket{model="m",le="0.001"} 2
                h_bucket{model="m",le="1"} 4
                h_bucket{model="m",le="+Inf"} 5
                h_sum{model="m"} 7.25
                h_count{model="m"} 5

                """
        )
    }

    @Test("numbers that are none are written as Prometheus reads them")
    func numbers() {
        let found = text { writer in
            for value in [Double.nan, .infinity, -.infinity, 1e300, 1e-7] { writer.sample(value) }
        }
        #expect(found == " NaN\n +Inf\n -Inf\n 1e+300\n 1e-07\n")
    }
}

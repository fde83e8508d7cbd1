import Inference

/// Writes metrics in Prometheus' text format, version 0.0.4: families one after the other, each with its samples.
package struct PrometheusWriter {
    /// What a family's numbers are.
    package enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// Names and values of labels, in the order in which they are written.
    package typealias Labels = KeyValuePairs<String, String>

    /// What the answer's Content-Type says.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// What has been written.
    package private(set) var bytes: [UInt8] = []
    private var name = ""

    package init() {}

    /// Begins a family; the samples that follow are its own.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - kind: What its numbers are.
    ///   - help: What they mean, for people.
    package mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        append("# HELP \(name) ")
        append(escaping: help, quotes: false)
        append("\n# TYPE \(name) \(kind.rawValue)\n")
    }

    /// A counter's or gauge's number.
    package mutating func sample(_ value: Int, _ labels: Labels = [:]) {
        write(suffix: "", labels, bound: nil, String(value))
    }

    /// A counter's or gauge's number.
    package mutating func sample(_ value: Double, _ labels: Labels = [:]) {
        write(suffix: "", labels, bound: nil, Self.text(value))
    }

    /// A histogram: its ranges, which count all that is at most their bound, the sum and the count.
    package mutating func sample(_ histogram: Histogram, _ labels: Labels = [:]) {
        var count = 0
        for (bound, inRange) in zip(histogram.bounds + [.infinity], histogram.counts) {
            count += inRange
            write(suffix: "_bucket", labels, bound: Self.text(bound), String(count))
        }
        write(suffix: "_sum", labels, bound: nil, Self.text(histogram.sum))
        write(suffix: "_count", labels, bound: nil, String(count))
    }

    private mutating func write(suffix: String, _ labels: Labels, bound: String?, _ value: String) {
        append(name)
        append(suffix)
        var separator = "{"
        for (label, text) in labels {
            append("\(separator)\(label)=\"")
            append(escaping: text, quotes: true)
            append("\"")
            separator = ","
        }
        if let bound {
            append("\(separator)le=\"\(bound)\"")
            separator = ","
        }
        append(separator == "{" ? " " : "} ")
        append(value)
        append("\n")
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func append(escaping text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\"") where quotes: append("\\\"")
            default: bytes.append(byte)
            }
        }
    }

    /// A number as Prometheus reads it, whole ones without a fraction.
    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int(exactly: value).map(String.init) ?? value.description
    }
}

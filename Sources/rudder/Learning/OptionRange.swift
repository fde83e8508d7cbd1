import ArgumentParser
import Inference

/// Checks of numbers that several commands take, before anything is loaded or written.
enum OptionRange {
    /// More of anything than is ever asked for, and little enough to be counted with.
    private static let most = 1_000_000

    /// Demands a number of things.
    static func check(_ value: Int, _ option: String, from least: Int = 1, to most: Int = OptionRange.most) throws(ValidationError) {
        guard (least...most).contains(value) else { throw ValidationError("\(option) is \(value); expected \(least) to \(most)") }
    }

    /// Demands a number that is one.
    static func check(_ value: Double, _ option: String, from least: Double = -.greatestFiniteMagnitude) throws(ValidationError) {
        guard value.isFinite, value >= least else {
            throw ValidationError("\(option) is \(value); expected a finite number" + (least == 0 ? " of 0 or more" : ""))
        }
    }

    /// Demands what requests are sampled with to be in the ranges that they have over HTTP.
    ///
    /// - Parameter prefix: what stands before the options' own names.
    static func checkSampling(temperature: Float, topP: Float = 1, prefix: String = "") throws(ValidationError) {
        var sampling = SamplingParameters()
        sampling.temperature = temperature
        sampling.topP = topP
        do {
            try sampling.validate()
        } catch {
            throw ValidationError("--\(prefix)\(error.field.replacing("_", with: "-")) must be \(error.expected)")
        }
    }
}

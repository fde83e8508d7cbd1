import Foundation
import Inference

/// One line of what an answer took, and what steering did.
enum AnswerReport {
    /// The line, without its end.
    ///
    /// - Parameter legend: the scale of the colours.
    static func text(_ summary: GenerationSummary, time: Duration, legend: String? = nil) -> String {
        let seconds = time / .seconds(1)
        var line = "\(summary.promptTokens) prompt tokens, \(summary.completionTokens) generated in \(String(format: "%.2f", seconds)) s"
        if seconds > 0, summary.completionTokens > 0 {
            line += String(format: ", %.1f tokens/s", Double(summary.completionTokens) / seconds)
        }
        if let control = summary.control, control.tokens > 0, control.norm == 0 {
            line += "; value \(control.valueBefore.shortText)"
        } else if let control = summary.control, control.tokens > 0 {
            line += "; value \(control.valueBefore.shortText) → \(control.valueAfter.shortText), |u|/|h| \(control.norm.shortText)"
            if let kl = control.kl { line += ", KL \(kl.shortText)" }
            line += String(format: ", %.1f ms of it steering", control.seconds * 1000)
        }
        if let legend { line += "; colours \(legend)" }
        return line
    }
}

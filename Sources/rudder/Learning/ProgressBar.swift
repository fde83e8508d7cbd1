import Foundation
import Synchronization

/// A line on the terminal that tells how far a long step is, how fast it goes and how long it will take. Where standard error is no terminal it
/// says nothing.
final class ProgressBar: Sendable {
    private struct State {
        /// What was done before this run.
        var first: Int?
        var start = ContinuousClock.now
        var lastDrawn: ContinuousClock.Instant?
        var width = 0
    }

    private static let cells = 24
    private let label: String
    private let unit: String
    private let isShown: Bool
    private let state = Mutex(State())

    /// Makes a bar.
    ///
    /// - Parameters:
    ///   - label: what is done.
    ///   - unit: what is counted.
    init(_ label: String, unit: String) {
        self.label = label
        self.unit = unit
        isShown = isatty(STDERR_FILENO) == 1
    }

    /// Draws the bar anew, ten times a second at most.
    ///
    /// - Parameters:
    ///   - done: how many are done.
    ///   - total: of how many.
    ///   - detail: written behind the bar.
    func update(_ done: Int, of total: Int, detail: String = "") {
        guard isShown else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if state.first == nil { (state.first, state.start) = (done, now) }
            if let last = state.lastDrawn, now - last < .milliseconds(100), done < total { return }
            state.lastDrawn = now
            let bar = text(done, total, since: state.first ?? 0, seconds: (now - state.start) / .seconds(1))
            let columns = TerminalSize.of(STDERR_FILENO).columns
            let line = ProgressLine.fitted(bar, detail: TerminalText.line(detail), columns: columns)
            let width = DisplayWidth.of(line)
            let padding = String(repeating: " ", count: max(0, min(state.width, columns - 1) - width))
            state.width = width
            StandardError.write("\r\(line)\(padding)")
        }
    }

    /// Takes the bar away, so that other lines can be written.
    func clear() {
        guard isShown else { return }
        state.withLock { state in
            let width = min(state.width, TerminalSize.of(STDERR_FILENO).columns - 1)
            if width > 0 { StandardError.write("\r" + String(repeating: " ", count: width) + "\r") }
            state.width = 0
            state.lastDrawn = nil
        }
    }

    /// The bar as a line, for a run that had done `first` before it began.
    private func text(_ done: Int, _ total: Int, since first: Int, seconds: Double) -> String {
        let part = total > 0 ? min(1, Double(done) / Double(total)) : 1
        let filled = Int((part * Double(Self.cells)).rounded(.down))
        var line = "\(label) [" + String(repeating: "#", count: filled) + String(repeating: ".", count: Self.cells - filled) + "] "
        line += "\(Int(part * 100))%  \(done)/\(total) \(unit)"
        guard done > first, seconds > 0 else { return line }
        let rate = Double(done - first) / seconds
        line += String(format: rate < 10 ? "  %.1f/s" : "  %.0f/s", rate)
        if done < total { line += "  \(Self.clock(Double(total - done) / rate)) left" }
        return line
    }

    /// Seconds as minutes and seconds, with hours where there are any.
    private static func clock(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 359_999).rounded(.up))
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return hours > 0 ? String(format: "%d:%02d:%02d", hours, minutes, whole % 60) : String(format: "%d:%02d", minutes, whole % 60)
    }
}

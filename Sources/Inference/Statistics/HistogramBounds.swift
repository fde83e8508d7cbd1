/// The bounds of the histograms that workers keep: vLLM's, with finer ones below, for small models on a processor are often faster than its first.
enum HistogramBounds {
    /// Seconds until a sequence's first token.
    static let timeToFirstToken = [
        0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
    ]
    /// Seconds from one token to the next.
    static let timePerOutputToken = [
        0.001, 0.0025, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
    ]
    /// Seconds that a sequence waits, or takes as a whole.
    static let request = [
        0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920,
        7680,
    ]
    /// By how much steering raised a value. Values have the unit of the head's reward, so these reach far.
    static let valueGain = [
        -10, -1, -0.1, 0, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 1000,
    ]
}

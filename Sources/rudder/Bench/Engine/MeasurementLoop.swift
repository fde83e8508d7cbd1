/// Answers requests for single measurements, one a line: `tg128 1` is answered with tokens a second.
///
/// A driver that compares this program with another one asks each in turn, so that both see the same minutes of the machine and never
/// compute side by side.
enum MeasurementLoop {
    /// Reads standard input to its end.
    ///
    /// - Parameter measure: runs a test once and gives its tokens a second.
    static func run(_ tests: [BenchmarkTest], measure: (BenchmarkTest) throws -> Double) throws {
        StandardOutput.write("ready\n")
        while let line = readLine() {
            guard let test = tests.first(where: { Self.request($0) == line }) else {
                throw CommandError("no test is asked for as '\(line)'; expected one of: \(tests.map(Self.request).joined(separator: ", "))")
            }
            StandardOutput.write("\(try measure(test))\n")
        }
    }

    /// What asks for a test: its name, the sequences and, where it is steered, steps, units and layers.
    static func request(_ test: BenchmarkTest) -> String {
        "\(test.name) \(test.sequences)" + (test.control.map { " \($0.steps) \($0.hidden) \($0.layers)" } ?? "")
    }
}

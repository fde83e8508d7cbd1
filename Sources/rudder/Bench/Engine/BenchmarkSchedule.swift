/// Runs tests in rounds, so that a noisy moment of the machine touches all rows alike, until each has its runs or the time is up.
package struct BenchmarkSchedule {
    /// What to measure.
    let tests: [BenchmarkTest]
    /// Rounds at most.
    let runs: Int
    /// After that no further measurement begins, once each row has one.
    let timeLimit: Duration

    package init(tests: [BenchmarkTest], runs: Int, timeLimit: Duration) {
        self.tests = tests
        self.runs = runs
        self.timeLimit = timeLimit
    }

    private var plain: [BenchmarkTest] { tests.filter { $0.control == nil } }
    private var controlled: [BenchmarkTest] { tests.filter { $0.control != nil } }

    /// Warms up and measures every test.
    ///
    /// - Parameter measure: runs a test once and gives its tokens a second.
    /// - Returns: a result for each test in order, and the resident memory after the plain rows' warm-up, before there are any heads.
    package func run(_ measure: (BenchmarkTest) throws -> Double) throws -> (results: [BenchmarkResult], residentBytes: Int) {
        let end = ContinuousClock.now + timeLimit
        for test in plain { _ = try measure(test.warmUp) }
        let residentBytes = ProcessMemory.residentBytes()
        for test in controlled { _ = try measure(test.warmUp) }
        var speeds: [BenchmarkTest: [Double]] = [:]
        var overheads: [BenchmarkTest: [Double]] = [:]
        for round in 0..<max(runs, 1) {
            func isTimeUp() -> Bool { round > 0 && ContinuousClock.now >= end }
            for test in plain where !(test == .plainDecode && !controlled.isEmpty) && !isTimeUp() {
                speeds[test, default: []].append(try measure(test))
            }
            guard !controlled.isEmpty, !isTimeUp() else { continue }
            // Plain, controlled, plain, controlled, plain: each controlled run has plain neighbours, and a drift over the three cancels out.
            var before = try measure(.plainDecode)
            speeds[.plainDecode, default: []].append(before)
            for test in controlled where !isTimeUp() {
                let speed = try measure(test)
                let after = try measure(.plainDecode)
                speeds[test, default: []].append(speed)
                speeds[.plainDecode, default: []].append(after)
                overheads[test, default: []].append(2 / speed / (1 / before + 1 / after) - 1)
                before = after
            }
        }
        let results = tests.map { test in
            BenchmarkResult(test: test, speeds: Samples(speeds[test] ?? []), overheads: Samples(overheads[test] ?? []))
        }
        return (results, residentBytes)
    }
}

import Testing
import rudder

@Suite("rudder bench: rounds")
struct BenchmarkScheduleTests {
    @Test("a controlled run is compared with the plain ones before and after it")
    func overhead() throws {
        var measured: [BenchmarkTest] = []
        // The machine slows down steadily; a steered token takes 1.5 times as long.
        var seconds = 1.0
        let tests = [BenchmarkTest.plainDecode] + BenchmarkTest.controlled
        let (results, _) = try BenchmarkSchedule(tests: tests, runs: 3, timeLimit: .seconds(60)).run { test in
            measured.append(test)
            seconds += 0.001
            return 1 / (seconds * (test.control == nil ? 1 : 1.5))
        }
        #expect(results.map(\.test) == tests)
        for result in results.dropFirst() {
            #expect(result.speeds.count == 3)
            #expect(abs(result.overheads.median - 0.5) < 1e-9)
        }
        for (index, test) in measured.enumerated().dropFirst(tests.count) where test.control != nil {
            #expect(measured[index - 1] == .plainDecode && measured[index + 1] == .plainDecode)
        }
    }

    @Test("when the time is up each row has one run, and no more")
    func timeLimit() throws {
        let (results, _) = try BenchmarkSchedule(tests: BenchmarkTest.all, runs: 100, timeLimit: .zero).run { _ in 1 }
        #expect(results.allSatisfy { $0.test == .plainDecode || $0.speeds.count == 1 })
    }

    @Test("the middle, and percentiles")
    func samples() {
        #expect(Samples([3, 1, 2]).median == 2 && Samples([4, 1, 2, 3]).median == 2.5 && Samples().median == 0)
        let hundred = Samples((1...100).map(Double.init))
        #expect(hundred.percentile(0.5) == 50 && hundred.percentile(0.99) == 99 && hundred.percentile(1) == 100)
        #expect(Samples([7]).percentile(0.95) == 7 && Samples().percentile(0.5) == nil)
    }
}

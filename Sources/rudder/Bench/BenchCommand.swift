import ArgumentParser
import Foundation

/// `rudder bench`: how fast this machine runs a model.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure speed on this machine, and what control costs.",
        discussion: """
            Each row is the median of several runs after a warm-up, each from an empty cache. pp512 is a prompt of 512 tokens, tg128 are 128 \
            tokens generated one by one; with several sequences all their tokens count. Rows with control run between plain ones; their \
            overhead is the extra time per token, the median over the pairs. With --server, clients ask a running server at once instead, and \
            what they see is reported.
            """
    )

    @Option(help: "The model: a GGUF file or a Hugging Face folder.")
    var model = ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"

    @Option(help: "How many threads compute.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Timed runs of each row, at most.")
    var runs = 9

    @Option(help: "Begin no further run after that long, once each row has one (default: 180); with --server: how long (default: 60).")
    var seconds: Int?

    @Option(help: "Only these rows, by name and separated by commas: pp128,tg128.")
    var tests: String?

    @Option(
        help: ArgumentHelp(
            "Instead, what attention costs: pp512@N and tg32@N, behind texts of so many tokens, separated by commas.",
            valueName: "N,N"
        )
    )
    var depths: String?

    @Flag(help: "Leave out the rows with control.")
    var plain = false

    @Flag(help: "Print one line of JSON instead of a table.")
    var json = false

    @Flag(help: .hidden)
    var measurements = false

    @OptionGroup(title: "A running server")
    var load: LoadOptions

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads is \(threads); expected 1 to 1024") }
        guard (1...1000).contains(runs) else { throw ValidationError("--runs is \(runs); expected 1 to 1000") }
        if let seconds, !(1...86400).contains(seconds) { throw ValidationError("--seconds is \(seconds); expected 1 to 86400") }
        if load.server == nil, load.control != nil { throw ValidationError("--control steers the requests to a --server") }
        if depths != nil, load.server != nil { throw ValidationError("--depths measures the engine, not a --server") }
        _ = try chosenTests()
    }

    func run() async throws {
        if let server = load.server {
            let report = try await load.report(server: server, seconds: seconds ?? LoadOptions.defaultSeconds)
            StandardOutput.write((json ? try report.json() : report.table()) + "\n")
            if let failure = report.failure { throw failure }
            return
        }
        try measureEngine()
    }

    private func measureEngine() throws {
        let tests = try chosenTests()
        let model = try BenchmarkModel(path: model, threads: threads, tests: tests)
        if measurements { return try MeasurementLoop.run(tests) { try model.measure($0) } }
        let schedule = BenchmarkSchedule(tests: tests, runs: runs, timeLimit: .seconds(seconds ?? 180))
        let (results, residentBytes) = try schedule.run { try model.measure($0) }
        let report = BenchmarkReport(
            machine: BenchmarkReport.machine(threads: threads),
            model: model.name,
            loadSeconds: model.loadSeconds,
            residentBytes: residentBytes,
            kvBytes: model.kvBytes,
            results: results
        )
        StandardOutput.write((json ? try report.json() : report.table()) + "\n")
    }

    private func chosenTests() throws -> [BenchmarkTest] {
        let all = try depths.map(Self.tests(behind:)) ?? (plain ? BenchmarkTest.plain : BenchmarkTest.all)
        guard let tests else { return all }
        let names = tests.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        let known = Set(all.map(\.name)).sorted()
        let expected = "expected some of: \(known.joined(separator: ", "))"
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw ValidationError("no test is named '\(unknown)'; \(expected)")
        }
        guard !names.isEmpty else { throw ValidationError("--tests names none; \(expected)") }
        return all.filter { names.contains($0.name) }
    }

    private static func tests(behind depths: String) throws -> [BenchmarkTest] {
        try depths.split(separator: ",", omittingEmptySubsequences: false).flatMap { text in
            guard let depth = Int(text.trimmingCharacters(in: .whitespaces)), (0...1 << 20).contains(depth) else {
                throw ValidationError("--depths holds '\(text)'; expected whole numbers from 0 to \(1 << 20)")
            }
            return BenchmarkTest.behind(depth)
        }
    }
}

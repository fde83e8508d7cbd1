import ArgumentParser
import Foundation

/// `rudder bench`: how fast this machine runs a model.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure prefill, decode and batched decode on this machine.",
        discussion: """
            Each row is the median of several runs after a warm-up, each from an empty cache. pp512 is a prompt of 512 tokens, tg128 are 128 \
            tokens generated one by one; with several sequences all their tokens count.
            """
    )

    @Option(help: "The model, a GGUF file.")
    var model = ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"

    @Option(help: "How many threads compute.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Timed runs of each row.")
    var runs = 5

    @Option(help: "Only these rows, by name and separated by commas: pp128,tg128.")
    var tests: String?

    @Flag(help: "Print one line of JSON instead of a table.")
    var json = false

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads is \(threads); expected 1 to 1024") }
        guard (1...1000).contains(runs) else { throw ValidationError("--runs is \(runs); expected 1 to 1000") }
        _ = try chosenTests()
    }

    func run() throws {
        let report = try BenchmarkRunner(path: model, threads: threads).report(try chosenTests(), runs: runs)
        print(json ? try report.json() : report.table())
    }

    private func chosenTests() throws -> [BenchmarkTest] {
        guard let tests else { return BenchmarkTest.all }
        let names = tests.split(separator: ",").map(String.init)
        let known = Set(BenchmarkTest.all.map(\.name))
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw ValidationError("no test is named '\(unknown)'; expected some of: \(known.sorted().joined(separator: ", "))")
        }
        return BenchmarkTest.all.filter { names.contains($0.name) }
    }
}

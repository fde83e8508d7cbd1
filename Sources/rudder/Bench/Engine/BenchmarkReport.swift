import Foundation

/// All rows of one benchmark, and what they were measured on.
struct BenchmarkReport: Encodable {
    let machine: String
    let model: String
    let loadSeconds: Double
    let residentBytes: Int
    let kvBytes: Int
    let results: [BenchmarkResult]

    enum CodingKeys: String, CodingKey {
        case machine, model, results
        case loadSeconds = "load_seconds"
        case residentBytes = "resident_bytes"
        case kvBytes = "kv_bytes"
    }

    /// The report as one line of JSON.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The report as a table for people.
    func table() -> String {
        var lines = [
            "\(model) on \(machine)",
            String(
                format: "loaded in %.3f s; %.1f MB resident, %.1f MB of them the KV cache",
                loadSeconds,
                Double(residentBytes) / 1e6,
                Double(kvBytes) / 1e6
            ),
            "",
            "| test | sequences | control | tokens/s (median) | slowest | fastest | runs | overhead |",
            "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        for row in results {
            let speeds = [row.speeds.median, row.speeds.low, row.speeds.high].map { String(format: "%.1f", $0) }
            let overhead = row.test.control == nil ? "" : String(format: "%+.1f%%", row.overheads.median * 100)
            let names = [row.test.name, "\(row.test.sequences)", row.test.control?.text ?? ""]
            lines.append("| " + (names + speeds + ["\(row.speeds.count)", overhead]).joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n")
    }

    /// The processor's name and the number of threads used.
    static func machine(threads: Int) -> String {
        let cpuInfo = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = cpuInfo.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
        return "\(name), \(threads) threads"
    }
}

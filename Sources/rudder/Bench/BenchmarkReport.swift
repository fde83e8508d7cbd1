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
                format: "loaded in %.3f s, %.1f MB resident, of a KV cache of %.1f MB",
                loadSeconds,
                Double(residentBytes) / 1e6,
                Double(kvBytes) / 1e6
            ),
            "",
            "| test | sequences | tokens/s (median) | slowest | fastest |",
            "| --- | ---: | ---: | ---: | ---: |",
        ]
        for row in results {
            lines.append(
                "| \(row.test) | \(row.sequences) | "
                    + [row.tokensPerSecond, row.low, row.high].map { String(format: "%.1f", $0) }.joined(separator: " | ") + " |"
            )
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

    /// VmRSS: the memory the process holds now, file pages included; 0 where the system does not tell.
    static func residentBytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let kibibytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
        return (kibibytes ?? 0) * 1024
    }
}

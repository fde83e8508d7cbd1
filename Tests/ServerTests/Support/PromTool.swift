import Foundation
import TestSupport

/// Prometheus' checker of metrics.
enum PromTool {
    /// Where it is: on the PATH, or where `make test` has put it; nil where it is not.
    static let path: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let places = folders.map { $0 + "/promtool" } + [GoldenFiles.repositoryFile(".cache/promtool/promtool").path]
        return places.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// Checks metrics as they are scraped.
    ///
    /// - Returns: Its exit status, 0 where it finds nothing wrong, and what it says.
    static func check(_ metrics: [UInt8]) throws -> (status: Int32, complaints: String) {
        guard let path else { throw TestFailure("there is no promtool") }
        let folder = try TemporaryDirectory()
        let file = folder.url.appendingPathComponent("metrics")
        try Data(metrics).write(to: file)
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["check", "metrics"]
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }
}

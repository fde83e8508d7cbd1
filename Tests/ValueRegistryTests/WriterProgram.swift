import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The program `ValueRegistryWriter`, running.
final class WriterProgram {
    /// The program that stores heads until it is killed; built with the tests.
    static var url: URL? {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return [folder, bundle].map { $0.appendingPathComponent("ValueRegistryWriter") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    private let process = Process()
    private let pipe = Pipe()
    private var buffered = Data()

    init(_ arguments: [String]) throws {
        process.executableURL = Self.url
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
    }

    /// Runs the program to its end.
    ///
    /// - Returns: what it printed.
    static func run(_ arguments: [String]) throws -> String {
        let program = try WriterProgram(arguments)
        let output = program.pipe.fileHandleForReading.readDataToEndOfFile()
        program.process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }

    /// Waits for a whole line; nil where the program ended without one.
    func nextLine() -> String? {
        while true {
            if let end = buffered.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffered.removeSubrange(...end) }
                return String(decoding: buffered[..<end], as: UTF8.self)
            }
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            buffered += more
        }
    }

    /// Kills the program.
    ///
    /// - Returns: the whole lines that it printed and nobody read; its last may be cut.
    func kill() -> String {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let output = buffered + pipe.fileHandleForReading.readDataToEndOfFile()
        guard let end = output.lastIndex(of: UInt8(ascii: "\n")) else { return "" }
        return String(decoding: output[...end], as: UTF8.self)
    }
}

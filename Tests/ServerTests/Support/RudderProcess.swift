import Dispatch
import Foundation
import Synchronization

/// The built program, run as its users run it. It lies beside the tests' own executable.
final class RudderProcess: Sendable {
    private let process: Process
    private let output = Mutex<[UInt8]>([])
    private let errors = Mutex<[UInt8]>([])
    private let ended = Mutex<Int32?>(nil)
    /// How many of its outputs are still read.
    private let openOutputs = Mutex(0)

    /// Where the program lies; nil where only the tests were built.
    static let path: String? = {
        guard let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
        let path = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("rudder").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - arguments: The command line.
    ///   - environment: Variables beside PATH and HOME; none of this process's RUDDER_ variables are passed on.
    ///   - input: What it reads; nil: nothing.
    ///   - output: Where its standard output goes; nil: to ``outputText``.
    ///   - folder: The working directory.
    init(_ arguments: [String], environment: [String: String] = [:], input: URL? = nil, output: URL? = nil, folder: URL) throws {
        guard let path = Self.path else { throw TestFailure("the program was not built") }
        process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("RUDDER_") }
        process.environment = inherited.merging(environment) { $1 }
        process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
        let outputPipe = Pipe()
        let errorPipe = Pipe()
        process.standardOutput = try output.map { try FileHandle(forWritingTo: $0) } ?? outputPipe
        process.standardError = errorPipe
        process.terminationHandler = { [weak self] process in
            self?.ended.withLock { $0 = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus }
        }
        try process.run()
        if output == nil { collect(outputPipe.fileHandleForReading) { [weak self] bytes in self?.output.withLock { $0 += bytes } } }
        collect(errorPipe.fileHandleForReading) { [weak self] bytes in self?.errors.withLock { $0 += bytes } }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    private func collect(_ handle: FileHandle, _ take: @escaping @Sendable ([UInt8]) -> Void) {
        openOutputs.withLock { $0 += 1 }
        handle.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            guard data.isEmpty else { return take(Array(data)) }
            handle.readabilityHandler = nil
            self?.openOutputs.withLock { $0 -= 1 }
        }
    }

    /// What it wrote to standard output so far.
    var outputText: String { output.withLock { String(decoding: $0, as: UTF8.self) } }

    /// What it wrote to standard error so far.
    var errorText: String { errors.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Waits for the line that tells where it listens.
    func ready() async throws -> TestClient {
        TestClient(port: try await port())
    }

    /// Waits for the line that tells where it listens, and returns its port.
    func port(scheme: String = "http") async throws -> Int {
        let prefix = "rudder: listening on \(scheme)://127.0.0.1:"
        try await wait(for: "the ready line") { outputText.contains("\n") }
        let line = outputText.split(separator: "\n").first ?? ""
        guard line.hasPrefix(prefix), let port = Int(line.dropFirst(prefix.count)) else { throw TestFailure("not a ready line: \(line)") }
        return port
    }

    /// What the system calls it.
    var identifier: Int32 { process.processIdentifier }

    /// Sends a signal.
    func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Waits for its end, and until what it wrote is read, and returns the exit status; negative for a signal.
    func status() async throws -> Int32 {
        for _ in 0..<12_000 {
            if let status = ended.withLock({ $0 }) {
                // A process that it left behind may hold its outputs open for longer.
                for _ in 0..<200 where openOutputs.withLock({ $0 }) > 0 { try await Task.sleep(for: .milliseconds(10)) }
                return status
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestFailure("the program does not end: \(errorText)")
    }

    func wait(for what: String, _ condition: () -> Bool) async throws {
        for _ in 0..<12_000 {
            if condition() { return }
            if let status = ended.withLock({ $0 }) { throw TestFailure("ended with \(status) before \(what): \(errorText)") }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestFailure("waited in vain for \(what): \(errorText)")
    }
}

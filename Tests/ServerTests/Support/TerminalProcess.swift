import Dispatch
import Foundation
import Synchronization

/// The built program at a terminal of its own, with somebody typing.
final class TerminalProcess: Sendable {
    private let process: Process
    private let terminal: FileHandle
    private let output = Mutex<[UInt8]>([])
    private let ended = Mutex<Int32?>(nil)

    /// TIOCSPTLCK and TIOCGPTN of Linux, macros that Swift does not see.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - arguments: The command line.
    ///   - environment: Variables beside those of this process.
    ///   - folder: The working directory.
    ///   - output: The file that its standard output goes to; nil: the terminal.
    ///   - errors: The file that its standard error goes to; nil: the terminal.
    init(
        _ arguments: [String],
        environment: [String: String] = [:],
        folder: URL,
        output: URL? = nil,
        errors: URL? = nil,
        columns: UInt16 = 80,
        rows: UInt16 = 24
    ) throws {
        guard let path = RudderProcess.path else { throw TestFailure("the program was not built") }
        let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var number: Int32 = 0
        var isLocked: Int32 = 0
        guard descriptor >= 0, ioctl(descriptor, Self.setLock, &isLocked) == 0, ioctl(descriptor, Self.getNumber, &number) == 0 else {
            throw TestFailure("no pseudo-terminal")
        }
        let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        guard slave >= 0 else { throw TestFailure("no pseudo-terminal") }
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
        terminal = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let end = FileHandle(fileDescriptor: slave, closeOnDealloc: true)
        process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let inherited = ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("RUDDER_") && !["NO_COLOR", "COLUMNS"].contains($0.key)
        }
        let terminalOnly = ["TERM": "xterm-256color", "COLORTERM": "truecolor", "XDG_STATE_HOME": folder.path]
        process.environment = inherited.merging(terminalOnly) { $1 }.merging(environment) { $1 }
        process.standardInput = end
        process.standardOutput = try output.map { try FileHandle(forWritingTo: $0) } ?? end
        process.standardError = try errors.map { try FileHandle(forWritingTo: $0) } ?? end
        process.terminationHandler = { [weak self] process in
            self?.ended.withLock { $0 = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus }
        }
        try process.run()
        terminal.readabilityHandler = { [weak self] handle in
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = bytes.withUnsafeMutableBytes { read(handle.fileDescriptor, $0.baseAddress, $0.count) }
            if count <= 0 { handle.readabilityHandler = nil } else { self?.output.withLock { $0 += bytes[..<count] } }
        }
    }

    deinit {
        terminal.readabilityHandler = nil
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// All that the terminal was sent so far.
    var text: String { output.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Types.
    func type(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = bytes.withUnsafeBytes { write(terminal.fileDescriptor, $0.baseAddress, $0.count) }
    }

    /// Sends a signal.
    func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Whether the terminal is as a shell wants it: it echoes, and edits lines by itself.
    var isRestored: Bool {
        var settings = termios()
        let wanted = tcflag_t(ICANON | ECHO | ISIG)
        return tcgetattr(terminal.fileDescriptor, &settings) == 0 && settings.c_lflag & wanted == wanted
    }

    /// Waits until `expected` was sent since `start`, a number of characters.
    ///
    /// - Returns: what was sent since.
    @discardableResult
    func wait(for expected: String, since start: Int = 0) async throws -> String {
        for _ in 0..<12_000 {
            let now = String(text.unicodeScalars.dropFirst(start))
            if now.contains(expected) { return now }
            if let status = ended.withLock({ $0 }) { throw TestFailure("ended with \(status) before '\(expected)': \(text)") }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestFailure("waited in vain for '\(expected)': \(text)")
    }

    /// How many characters were sent so far.
    var count: Int { text.unicodeScalars.count }

    /// Waits for its end and returns the exit status; negative for a signal.
    func status() async throws -> Int32 {
        for _ in 0..<6_000 {
            if let status = ended.withLock({ $0 }) { return status }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestFailure("the program does not end: \(text)")
    }
}

import Foundation
import TestSupport

/// `openssl s_server` on a port of its own, for as long as the value lives.
final class TLSTestServer: @unchecked Sendable {
    static let isAvailable = OpenSSLProgram.isAvailable

    let port: Int
    private let process = Process()
    private let standardInput = Pipe()

    /// Starts a server and waits until it takes connections.
    init(_ certificate: (file: String, key: String), options: [String], input: String? = nil) throws {
        port = try SilentListener().port
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = ["s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificate.file, "-key", certificate.key] + options
        process.standardInput = standardInput
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        if let input { try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8)) }
        for _ in 0..<100 where !isListening { usleep(50_000) }
    }

    deinit {
        kill()
    }

    /// Ends it as a crash would.
    func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    }

    /// Whether the system lists a socket that listens on the port; connecting would take the server's one connection.
    private var isListening: Bool {
        let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
        let address = String(format: ":%04X 00000000:0000 0A", port)
        return table.contains(address)
    }
}

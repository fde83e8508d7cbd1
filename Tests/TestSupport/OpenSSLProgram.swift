import Foundation

/// The program `openssl`, run to its end.
public enum OpenSSLProgram {
    /// Whether it is there.
    public static let isAvailable = FileManager.default.isExecutableFile(atPath: path)
    private static let path = "/usr/bin/openssl"

    /// Runs a command.
    ///
    /// - Parameters:
    ///   - arguments: its name and its arguments.
    ///   - input: what it reads from standard input, which then ends.
    ///   - delay: how long the input stays open, for an answer to arrive.
    /// - Returns: what it wrote, to both outputs, and its status.
    public static func run(_ arguments: [String], input: String = "", delay: Duration = .zero) async throws -> (text: String, status: Int32)
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let (process, stdin, output) = (Process(), Pipe(), Pipe())
                        process.executableURL = URL(fileURLWithPath: path)
                        process.arguments = arguments
                        (process.standardInput, process.standardOutput, process.standardError) = (stdin, output, output)
                        try process.run()
                        try? stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
                        Thread.detachNewThread {
                            usleep(UInt32(delay / .microseconds(1)))
                            try? stdin.fileHandleForWriting.close()
                        }
                        let data = try output.fileHandleForReading.readToEnd() ?? Data()
                        process.waitUntilExit()
                        return (String(decoding: data, as: UTF8.self), process.terminationStatus)
                    }
                )
            }
        }
    }
}

import Foundation
import TestSupport
import Testing
import ValueRegistry

#if canImport(Glibc)
import Glibc
#endif

/// A process that stores heads is killed at some moment, again and again.
@Suite("Killed writers", .enabled(if: WriterProgram.url != nil, "needs the program ValueRegistryWriter beside the tests"))
struct KillTests {
    @Test("what was acknowledged is there whole after kill -9, and nothing half-written is served")
    func survives() async throws {
        let folder = try TemporaryDirectory()
        let program = try #require(WriterProgram.url)
        for round in 0..<20 {
            let process = Process()
            let pipe = Pipe()
            process.executableURL = program
            process.arguments = [folder.url.path]
            process.standardOutput = pipe
            try process.run()
            try await Task.sleep(for: .milliseconds(30 + 7 * round))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            // The last line may be cut; every whole one is an acknowledgement: "version bias".
            let acknowledged = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { $0.split(separator: " ") }
            let registry = try TestHead.registry(folder, keep: 1000)
            for line in acknowledged {
                let (version, bias) = (try #require(Int(line[0])), try #require(Float(line[1])))
                #expect(registry.bias("a", version: version) == bias)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/quarantine").isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/incoming").isEmpty)
        }
        #expect(try TestHead.registry(folder, keep: 1000).versions(of: "a").count > 20)
    }
}

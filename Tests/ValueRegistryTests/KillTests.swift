import Foundation
import TestSupport
import Testing
import ValueRegistry

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Processes that store heads are killed at some moment, again and again.
@Suite("Killed writers", .enabled(if: WriterProgram.url != nil, "needs the program ValueRegistryWriter beside the tests"))
struct KillTests {
    @Test(
        "what two writers were acknowledged is there whole after kill -9, under versions of their own, and nothing half-written is served"
    )
    func survives() async throws {
        let folder = try TemporaryDirectory()
        var seen: [Int: Float] = [:]
        for round in 0..<20 {
            let writers = try (0..<2).map { _ in try WriterProgram([folder.url.path]) }
            // Once the first wrote, after a time that differs from round to round.
            let first = writers[0].nextLine()
            try await Task.sleep(for: .milliseconds(3 * round))
            let outputs = writers.map { $0.kill() }
            let lines = ([first, outputs[0]].compactMap { $0 }.joined(separator: "\n") + outputs[1]).split(separator: "\n")
            let registry = try TestHead.registry(folder, keep: 10000)
            for line in lines {
                let parts = line.split(separator: " ")
                let (version, bias) = (try #require(Int(parts[0])), try #require(Float(parts[1])))
                #expect(seen.updateValue(bias, forKey: version) == nil)
            }
            for (version, bias) in seen { #expect(registry.bias("a", version: version) == bias) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/quarantine").isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/incoming").isEmpty)
        }
        #expect(seen.count > 20)
    }
}

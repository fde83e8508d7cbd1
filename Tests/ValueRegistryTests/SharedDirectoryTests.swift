import Foundation
import ModelFiles
import TestSupport
import Testing
import ValueRegistry

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Registries that share a directory know of each other by its files alone, so two in one process stand for two processes.
@Suite("Registries that share a directory")
struct SharedDirectoryTests {
    @Test("another process's changes are seen within a second")
    func watches() async throws {
        let folder = try TemporaryDirectory()
        let (reader, writer) = (try TestHead.registry(folder), try TestHead.registry(folder))
        reader.startWatching()
        defer { reader.stopWatching() }
        try await writer.put("a", TestHead.file(1))
        try await Task.sleep(for: .seconds(1))
        #expect(reader.bias("a") == 1)
        try await writer.put("a", TestHead.file(2))
        try await Task.sleep(for: .seconds(1))
        #expect(reader.bias("a") == 2 && reader.bias("a", version: 1) == 1)
        _ = try await writer.remove(name: "a")
        try await Task.sleep(for: .seconds(1))
        #expect(reader.bias("a") == nil)
    }

    @Test("a change after a quiet time is seen as well, and once watching ended none is")
    func quiet() async throws {
        let folder = try TemporaryDirectory()
        let (reader, writer) = (try TestHead.registry(folder), try TestHead.registry(folder))
        try await writer.put("a", TestHead.file(1))
        reader.startWatching()
        // Longer than directories count as fresh: from then on nothing but their times is looked at.
        try await Task.sleep(for: .seconds(4))
        try await writer.put("a", TestHead.file(2))
        try await writer.put("b", TestHead.file(3))
        try await Task.sleep(for: .seconds(1))
        #expect(reader.bias("a") == 2 && reader.bias("b") == 3)
        reader.stopWatching()
        try await writer.put("a", TestHead.file(4))
        try await Task.sleep(for: .seconds(1))
        #expect(reader.bias("a") == 2)
    }

    @Test("registries that store the same name at once number every version once, and lose none")
    func races() async throws {
        let folder = try TemporaryDirectory()
        let registries = try (0..<4).map { _ in try TestHead.registry(folder, keep: 1000) }
        let stored = try await withThrowingTaskGroup(of: (version: Int, isNew: Bool).self) { group in
            for (index, registry) in registries.enumerated() {
                for number in 0..<15 {
                    group.addTask {
                        let result = try await registry.put("a", TestHead.file(Float(index * 100 + number)))
                        return (result.description.version, result.isNew)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let versions = stored.map(\.version).sorted()
        #expect(versions == Array(1...60) && stored.contains { $0.isNew })
        let registry = try TestHead.registry(folder, keep: 1000)
        #expect(registry.versions(of: "a").map(\.version) == versions)
        #expect(Set(versions.compactMap { registry.bias("a", version: $0) }).count == 60)
    }

    @Test("storing and removing at once: every version stored is one of its own, and the directory stays sound")
    func removalRace() async throws {
        let folder = try TemporaryDirectory()
        let registries = try (0..<3).map { _ in try TestHead.registry(folder) }
        await withTaskGroup(of: Void.self) { group in
            for (index, writer) in registries.dropLast().enumerated() {
                group.addTask {
                    for bias in 0..<60 {
                        do { try await writer.put("a", TestHead.file(Float(index * 100 + bias))) } catch { Issue.record(error) }
                    }
                }
            }
            group.addTask {
                for _ in 0..<60 {
                    do { _ = try await registries[2].remove(name: "a") } catch { Issue.record(error) }
                    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/heads/a")) ?? []
                    let versions = files.filter { $0.hasSuffix(".safetensors") }.map { $0.prefix { $0 != "-" } }
                    #expect(Set(versions).count == versions.count)
                }
            }
        }
        let last = try await registries[0].put("a", TestHead.file(999))
        let registry = try TestHead.registry(folder)
        #expect(registry.bias("a") == 999 && registry.versions(of: "a").last?.version == last.description.version)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/quarantine").isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/incoming").isEmpty)
    }

    @Test("a file that a live process is writing is left alone at the start; one that nobody holds is removed, as is a half-removed name")
    func abandoned() async throws {
        let folder = try TemporaryDirectory()
        _ = try TestHead.registry(folder)
        let (held, left) = (folder.url.path + "/incoming/1-1", folder.url.path + "/incoming/1-2")
        let descriptor = open(held, O_RDWR | O_CREAT, 0o644)
        #expect(descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        try Data([1]).write(to: URL(fileURLWithPath: left))
        let removed = folder.url.path + "/quarantine/removed-a-1"
        try FileManager.default.createDirectory(atPath: removed, withIntermediateDirectories: false)
        try Data([1]).write(to: URL(fileURLWithPath: removed + "/1-x.safetensors"))
        _ = try TestHead.registry(folder)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/incoming") == ["1-1"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/quarantine").isEmpty)
        close(descriptor)
        _ = try TestHead.registry(folder)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/incoming").isEmpty)
    }

    @Test("a version that another process removed a moment ago is not there to download, and its head goes on")
    func removedMeanwhile() async throws {
        let folder = try TemporaryDirectory()
        let (reader, writer) = (try TestHead.registry(folder), try TestHead.registry(folder))
        try await reader.put("a", TestHead.file(1))
        _ = try await writer.remove(name: "a")
        #expect(reader.bias("a") == 1)
        #expect(try await reader.file(HeadReference(name: "a", version: nil)) == nil)
    }
}

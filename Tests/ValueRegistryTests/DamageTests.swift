import Foundation
import ModelFiles
import TestSupport
import Testing
import ValueRegistry

@Suite("Files and disks that fail")
struct DamageTests {
    private func file(_ folder: TemporaryDirectory, _ name: String, version: Int) throws -> URL {
        let directory = folder.url.appendingPathComponent("heads/\(name)")
        let file = try FileManager.default.contentsOfDirectory(atPath: directory.path).first {
            $0.hasPrefix("\(version)-") && $0.hasSuffix(".safetensors")
        }
        return directory.appendingPathComponent(try #require(file))
    }

    private func contents(_ folder: TemporaryDirectory, _ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/" + path)
    }

    @Test("a file that is not what its name says is set aside at the start, and the rest is served", arguments: [true, false])
    func setsAside(isCut: Bool) async throws {
        let folder = try TemporaryDirectory()
        let registry = try TestHead.registry(folder)
        try await registry.put("a", TestHead.file(1))
        try await registry.put("a", TestHead.file(2))
        try await registry.put("b", TestHead.file(3))
        var bytes = try TestHead.file(2)
        if isCut { bytes.removeLast() } else { bytes[bytes.count - 1] ^= 1 }
        try Data(bytes).write(to: try file(folder, "a", version: 2))
        let error = await #expect(throws: ValueRegistryError.self) { try await registry.file(HeadReference(name: "a", version: 2)) }
        #expect(error == .damaged(HeadReference(name: "a", version: 2)) && error?.isRefusal == false)
        let again = try TestHead.registry(folder)
        #expect(again.bias("a") == 1 && again.versions(of: "a").map(\.version) == [1] && again.bias("b") == 3)
        let aside = try contents(folder, "quarantine")
        #expect(aside.count == 1 && aside[0].hasPrefix("a@2-"))
        #expect(try Array(Data(contentsOf: folder.url.appendingPathComponent("quarantine/\(aside[0])"))) == bytes)
        #expect(try await again.put("a", TestHead.file(4)).description.version == 3)
    }

    @Test("a whole file that is not understood is not served, and stays for the release that stored it")
    func notUnderstood() async throws {
        let folder = try TemporaryDirectory()
        let registry = try TestHead.registry(folder)
        try await registry.put("a", TestHead.file(1))
        let bytes = try SafetensorsWriter.encode(tensors: [.init(name: "new.weight", shape: [1], floats: [1])])
        let name = "2-\(try SHA256Digest.of(bytes).hex).safetensors"
        try Data(bytes).write(to: folder.url.appendingPathComponent("heads/a/\(name)"))
        let again = try TestHead.registry(folder)
        #expect(again.versions(of: "a").map(\.version) == [1])
        #expect(try contents(folder, "quarantine").isEmpty && contents(folder, "heads/a").contains(name))
    }

    @Test("what cannot be read, and files that are none of the registry's, are passed over and left")
    func strangers() async throws {
        let folder = try TemporaryDirectory()
        let registry = try TestHead.registry(folder)
        try await registry.put("a", TestHead.file(1))
        let unreadable = "2-\(String(repeating: "0", count: 64)).safetensors"
        try FileManager.default.createDirectory(atPath: folder.url.path + "/heads/a/\(unreadable)", withIntermediateDirectories: false)
        try FileManager.default.createDirectory(atPath: folder.url.path + "/heads/.hidden", withIntermediateDirectories: false)
        for stranger in ["heads/README", "heads/a/notes.txt", "heads/a/7.safetensors", "heads/a/03-x.safetensors"] {
            try Data("x".utf8).write(to: folder.url.appendingPathComponent(stranger))
        }
        let again = try TestHead.registry(folder)
        #expect(again.list().map(\.name) == ["a"] && again.versions(of: "a").map(\.version) == [1])
        #expect(try contents(folder, "quarantine").isEmpty && contents(folder, "heads/a").count == 6)
        #expect(try await again.put("a", TestHead.file(2)).description.version == 3)
    }

    @Test("a directory that cannot be one is an error that names it")
    func badDirectory() throws {
        let folder = try TemporaryDirectory()
        let path = folder.url.appendingPathComponent("file").path
        try Data().write(to: URL(fileURLWithPath: path))
        for directory in [path, path + "/x", "/proc/nowhere"] {
            let error = #expect(throws: ValueRegistryError.self) {
                try ValueRegistry(directory: directory, bundledHeads: nil, keepVersions: 5, logger: TestHead.logger)
            }
            #expect("\(try #require(error))".contains(directory))
        }
    }

    @Test("a registry whose directory goes away refuses uploads, serves what it has, and goes on when it is back")
    func directoryLost() async throws {
        let folder = try TemporaryDirectory()
        let registry = try TestHead.registry(folder)
        try await registry.put("a", TestHead.file(1))
        let elsewhere = folder.url.path + "-elsewhere"
        defer { try? FileManager.default.removeItem(atPath: elsewhere) }
        try FileManager.default.moveItem(atPath: folder.url.path, toPath: elsewhere)
        let error = await #expect(throws: ValueRegistryError.self) { try await registry.put("a", TestHead.file(2)) }
        #expect(error?.isRefusal == false)
        #expect(registry.bias("a") == 1)
        try FileManager.default.moveItem(atPath: elsewhere, toPath: folder.url.path)
        #expect(try await registry.put("a", TestHead.file(3)).description.version == 2)
        #expect(registry.bias("a") == 3)
    }

    @Test("an upload that the disk takes only in part changes nothing, and leaves nothing behind", .enabled(if: WriterProgram.url != nil))
    func fullDisk() async throws {
        let folder = try TemporaryDirectory()
        try await TestHead.registry(folder).put("a", TestHead.file(1))
        let output = try WriterProgram.run([folder.url.path, "--file-limit", "4096"])
        #expect(output.contains("refused: cannot write") && output.contains("File too large"))
        let registry = try TestHead.registry(folder)
        #expect(registry.bias("a") == 1 && registry.versions(of: "a").count == 1)
        #expect(try contents(folder, "incoming").isEmpty && contents(folder, "quarantine").isEmpty)
    }
}

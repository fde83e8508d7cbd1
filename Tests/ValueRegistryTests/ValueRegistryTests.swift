import Control
import Foundation
import ModelFiles
import TestSupport
import Testing
import ValueRegistry

@Suite("Value registry")
struct ValueRegistryTests {
    @Test("versions count up from 1, the newest is the name's, older ones stay readable, byte for byte")
    func versions() async throws {
        let folder = try TemporaryDirectory()
        let registry = try TestHead.registry(folder)
        let first = try await registry.put("a", TestHead.file(1))
        let second = try await registry.put("a", TestHead.file(2))
        #expect(first.isNew && first.description.version == 1 && !second.isNew && second.description.version == 2)
        #expect(registry.bias("a") == 2 && registry.bias("a", version: 1) == 1 && registry.bias("a", version: 3) == nil)
        #expect(registry.versions(of: "a").map(\.version) == [1, 2])
        #expect(registry.list().map(\.name) == ["a"])
        #expect(try await registry.file(HeadReference(name: "a", version: 1)) == TestHead.file(1))
        #expect(try await registry.file(HeadReference(name: "a", version: nil)) == TestHead.file(2))
        #expect(try await registry.file(HeadReference(name: "b", version: nil)) == nil)
        #expect(first.description.sha256 == (try SHA256Digest.of(TestHead.file(1)).hex))
        #expect(first.description.hiddenSize == 4 && first.description.layers == 2 && first.description.site == "final_norm")
    }

    @Test("a restart finds what was stored")
    func restart() async throws {
        let folder = try TemporaryDirectory()
        for bias: Float in [1, 2, 3] { try await TestHead.registry(folder).put("a", TestHead.file(bias)) }
        let registry = try TestHead.registry(folder)
        #expect(registry.bias("a") == 3 && registry.versions(of: "a").map(\.version) == [1, 2, 3])
    }

    @Test("only so many versions are kept; one that is held goes on")
    func prunes() async throws {
        let folder = try TemporaryDirectory()
        let registry = try TestHead.registry(folder, keep: 2)
        try await registry.put("a", TestHead.file(1))
        let held = try #require(registry.head(HeadReference(name: "a", version: nil)))
        for bias: Float in [2, 3, 4] { try await registry.put("a", TestHead.file(bias)) }
        #expect(registry.versions(of: "a").map(\.version) == [3, 4])
        #expect(held.valueFunction.value(of: [0, 0, 0, 0]) == 1)
        #expect(try TestHead.registry(folder).versions(of: "a").map(\.version) == [3, 4])
        #expect(try await registry.put("a", TestHead.file(5)).description.version == 5)
    }

    @Test("an upload that is refused changes nothing")
    func refuses() async throws {
        let folder = try TemporaryDirectory()
        let registry = try TestHead.registry(folder)
        try await registry.put("a", TestHead.file(1))
        let bad: [[UInt8]] = [
            [], Array("nonsense".utf8), Array(try TestHead.file(2).dropLast()), try TestHead.file(.nan), try TestHead.file(2) + [0],
        ]
        for bytes in bad {
            let error = await #expect(throws: ValueRegistryError.self) { try await registry.put("a", bytes) }
            #expect(error?.isRefusal == true)
        }
        struct Unwanted: Error {}
        await #expect(throws: Unwanted.self) { try await registry.put(name: "a", bytes: TestHead.file(2)) { _ in throw Unwanted() } }
        for name in ["", ".hidden", "../a", "a/b", "a@1", "é", String(repeating: "a", count: 65), "a b", "-a"] {
            await #expect(throws: ValueRegistryError.badName(name)) { try await registry.put(name, TestHead.file(2)) }
        }
        #expect(registry.bias("a") == 1 && registry.list().count == 1)
        #expect(try TestHead.registry(folder).bias("a") == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/incoming").isEmpty)
    }

    @Test("a removed name is gone for good, and starts again")
    func removes() async throws {
        let folder = try TemporaryDirectory()
        let registry = try TestHead.registry(folder)
        try await registry.put("a", TestHead.file(1))
        try await registry.put("b", TestHead.file(2))
        #expect(try await registry.remove(name: "a"))
        #expect(try await !registry.remove(name: "a"))
        #expect(try await !registry.remove(name: "../b"))
        #expect(registry.list().map(\.name) == ["b"])
        #expect(try TestHead.registry(folder).list().map(\.name) == ["b"])
        #expect(try await registry.put("a", TestHead.file(3)).isNew)
    }

    @Test("a file that is not what its name says is set aside at the start, and the rest is served")
    func setsAside() async throws {
        let folder = try TemporaryDirectory()
        let registry = try TestHead.registry(folder)
        try await registry.put("a", TestHead.file(1))
        try await registry.put("a", TestHead.file(2))
        try await registry.put("b", TestHead.file(3))
        let path = folder.url.appendingPathComponent("heads/a")
        let newest = try #require(try FileManager.default.contentsOfDirectory(atPath: path.path).first { $0.hasPrefix("2-") })
        var bytes = try TestHead.file(2)
        bytes[bytes.count - 1] ^= 1
        try Data(bytes).write(to: path.appendingPathComponent(newest))
        let again = try TestHead.registry(folder)
        #expect(again.bias("a") == 1 && again.versions(of: "a").map(\.version) == [1] && again.bias("b") == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/quarantine").count == 1)
        #expect(try await again.put("a", TestHead.file(4)).description.version == 3)
    }

    @Test("heads that come with the server are offered until the registry has one of their name")
    func bundled() async throws {
        let (folder, bundled) = (try TemporaryDirectory(), try TemporaryDirectory())
        try Data(TestHead.file(7)).write(to: bundled.url.appendingPathComponent("a.safetensors"))
        try Data("nonsense".utf8).write(to: bundled.url.appendingPathComponent("bad.safetensors"))
        let registry = try TestHead.registry(folder, bundled: bundled.url.path)
        #expect(registry.bias("a") == 7 && registry.list().map(\.isBundled) == [true] && registry.list().map(\.name) == ["a"])
        #expect(try await registry.file(HeadReference(name: "a", version: nil)) == TestHead.file(7))
        #expect(try await !registry.remove(name: "a"))
        #expect(try await registry.put("a", TestHead.file(8)).isNew)
        #expect(registry.bias("a") == 8)
        #expect(try await registry.remove(name: "a"))
        #expect(registry.bias("a") == 7)
    }

    @Test("another process's changes are seen within a second")
    func watches() async throws {
        let folder = try TemporaryDirectory()
        let (reader, writer) = (try TestHead.registry(folder), try TestHead.registry(folder))
        reader.startWatching()
        defer { reader.stopWatching() }
        try await writer.put("a", TestHead.file(1))
        try await Task.sleep(for: .milliseconds(1000))
        #expect(reader.bias("a") == 1)
        _ = try await writer.remove(name: "a")
        try await Task.sleep(for: .milliseconds(1000))
        #expect(reader.bias("a") == nil)
    }

    @Test("two registries that store the same name at once number every version once, and lose none")
    func races() async throws {
        let folder = try TemporaryDirectory()
        let registries = try (0..<3).map { _ in try TestHead.registry(folder, keep: 1000) }
        let versions = try await withThrowingTaskGroup(of: Int.self) { group in
            for (index, registry) in registries.enumerated() {
                for number in 0..<20 {
                    group.addTask { try await registry.put("a", TestHead.file(Float(index * 100 + number))).description.version }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(versions.sorted() == Array(1...60))
        let registry = try TestHead.registry(folder, keep: 1000)
        #expect(registry.versions(of: "a").count == 60)
        #expect(Set((1...60).compactMap { registry.bias("a", version: $0) }).count == 60)
    }

    @Test("storing and removing at once leaves a sound registry")
    func removalRace() async throws {
        let folder = try TemporaryDirectory()
        let (writer, remover) = (try TestHead.registry(folder), try TestHead.registry(folder))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for bias in 0..<60 { _ = try? await writer.put("a", TestHead.file(Float(bias))) } }
            group.addTask { for _ in 0..<60 { _ = try? await remover.remove(name: "a") } }
        }
        let last = try await writer.put("a", TestHead.file(99))
        let registry = try TestHead.registry(folder)
        #expect(registry.bias("a") == 99 && registry.versions(of: "a").last?.version == last.description.version)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/quarantine").isEmpty)
    }

    @Test("a directory that cannot be one is an error that names it")
    func badDirectory() throws {
        let folder = try TemporaryDirectory()
        let path = folder.url.appendingPathComponent("file").path
        try Data().write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: ValueRegistryError.self) {
            try ValueRegistry(directory: path, bundledHeads: nil, keepVersions: 5, logger: .init(label: "tests"))
        }
        #expect("\(try #require(error))".contains(path))
    }

    @Test(
        "references are names with an optional version",
        arguments: [("a", "a", nil), ("a@3", "a", 3), ("A.b_c-9@12", "A.b_c-9", 12)] as [(String, String, Int?)]
    )
    func references(text: String, name: String, version: Int?) throws {
        #expect(try HeadReference(parsing: text) == HeadReference(name: name, version: version))
        #expect(try HeadReference(parsing: text).description == text)
    }

    @Test(
        "texts that name no head are refused",
        arguments: ["", "@", "a@", "a@0", "a@-1", "a@x", "a@1@2", "a@99999999999999999999", "/a", "a\u{0}", ".."]
    )
    func badReferences(text: String) {
        #expect(throws: HeadReferenceError.self) { try HeadReference(parsing: text) }
    }
}

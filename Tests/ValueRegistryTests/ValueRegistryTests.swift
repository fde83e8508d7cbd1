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

    @Test("the folder of a name that is stored again and again does not grow")
    func doesNotGrow() async throws {
        let folder = try TemporaryDirectory()
        let registry = try TestHead.registry(folder, keep: 2)
        for bias in 1...60 { try await registry.put("a", TestHead.file(Float(bias))) }
        #expect(registry.versions(of: "a").map(\.version) == [59, 60])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/heads/a").count < 40)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/incoming").isEmpty)
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

    @Test("a version of a bundled head is 1, and a reference to another finds nothing")
    func bundledVersions() throws {
        let (folder, bundled) = (try TemporaryDirectory(), try TemporaryDirectory())
        try Data(TestHead.file(7)).write(to: bundled.url.appendingPathComponent("a.safetensors"))
        let registry = try TestHead.registry(folder, bundled: bundled.url.path)
        #expect(registry.bias("a", version: 1) == 7 && registry.bias("a", version: 2) == nil)
    }

    @Test("the directory is made with its parents, and one that is there is taken as it is")
    func makesDirectories() async throws {
        let folder = try TemporaryDirectory()
        let path = folder.url.path + "/x/y/"
        for bias: Float in [1, 2] {
            let registry = try ValueRegistry(directory: path, bundledHeads: nil, keepVersions: 5, logger: TestHead.logger)
            #expect(try await registry.put("a", TestHead.file(bias)).description.version == Int(bias))
        }
    }
}

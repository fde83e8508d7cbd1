import Foundation
import ModelFiles
import TestSupport
import Testing

/// Checkpoints that PyTorch saved; see Tests/Golden/pytorch.
@Suite("PyTorch checkpoints")
struct PyTorchCheckpointTests {
    struct Expected: Decodable {
        let shape: [Int]
        let values: [Float]
    }

    private static let folder = GoldenFiles.repositoryFile("Tests/Golden/pytorch")
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func read(_ name: String) throws -> [String: PyTorchCheckpoint.Tensor] {
        try PyTorchCheckpoint(path: Self.folder.appendingPathComponent(name).path).tensors
    }

    /// The sentence with which bytes are refused.
    private func refusal(_ bytes: Data) throws -> String {
        let path = directory.url.path + "/file.pth"
        try bytes.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: ModelFileError.self) { try PyTorchCheckpoint(path: path) }
        return "\(try #require(error))"
    }

    @Test("names, shapes and numbers are PyTorch's", arguments: ["state_dict.pth", "nested.pth", "views.pth"])
    func matches(name: String) throws {
        let all = try JSONDecoder().decode(
            [String: [String: Expected]].self,
            from: Data(contentsOf: Self.folder.appendingPathComponent("expected.json"))
        )
        let expected = try #require(all[name])
        let found = try read(name)
        #expect(Set(found.keys) == Set(expected.keys))
        for (key, tensor) in expected {
            #expect(found[key]?.shape == tensor.shape && found[key]?.values == tensor.values, "\(key)")
        }
    }

    @Test("what is not tensors and dictionaries is refused by name, and so are other formats and types")
    func refuses() throws {
        let module = #expect(throws: ModelFileError.self) { try read("module.pth") }
        let sentence = "\(try #require(module))"
        #expect(sentence.contains("__main__.V") && sentence.contains("refused"))
        let legacy = #expect(throws: ModelFileError.self) { try read("legacy.pth") }
        #expect("\(try #require(legacy))".contains("no zip archive"))
        let integers = #expect(throws: ModelFileError.self) { try read("integers.pth") }
        #expect("\(try #require(integers))".contains("'ids' has type I64"))
        #expect(try refusal(Data()).contains("no zip archive"))
        #expect(try refusal(Data("hello, this is not a checkpoint at all".utf8)).contains("no zip archive"))
    }

    /// A checkpoint with a pickle of one's own.
    private func archive(pickle: [UInt8], method: UInt16 = 0, checksum: UInt32? = nil) -> Data {
        let name = Array("a/data.pkl".utf8)
        func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
        let crc =
            checksum
            ?? pickle.withUnsafeBytes { bytes in
                var value = UInt32.max
                for byte in bytes {
                    value ^= UInt32(byte)
                    for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
                }
                return ~value
            }
        let sizes = little(crc) + little(UInt32(pickle.count)) + little(UInt32(pickle.count)) + little(UInt16(name.count))
        let local = little(UInt32(0x0403_4b50)) + little(UInt16(20)) + little(UInt16(0)) + little(method) + little(UInt32(0)) + sizes
        let file = local + little(UInt16(0)) + name + pickle
        let central =
            little(UInt32(0x0201_4b50)) + little(UInt16(20)) + little(UInt16(20)) + little(UInt16(0)) + little(method) + little(UInt32(0))
        let entry = central + sizes + [UInt8](repeating: 0, count: 12) + little(UInt32(0)) + name
        let end = little(UInt32(0x0605_4b50)) + little(UInt32(0)) + little(UInt16(1)) + little(UInt16(1)) + little(UInt32(entry.count))
        return Data(file + entry + end + little(UInt32(file.count)) + little(UInt16(0)))
    }

    @Test("a pickle that asks for something to be run is refused, and nothing is run")
    func hostile() throws {
        let marker = directory.url.path + "/ran"
        let attack = "cos\nsystem\n(X" + String(decoding: [UInt8(marker.utf8.count + 6), 0, 0, 0], as: UTF8.self) + "touch \(marker)tR."
        #expect(try refusal(archive(pickle: Array(attack.utf8))).contains("os.system"))
        #expect(try refusal(archive(pickle: Array("cbuiltins\neval\n.".utf8))).contains("builtins.eval"))
        // By STACK_GLOBAL, too.
        let modern = [0x80, 4, 0x8c, 5] + Array("posix".utf8) + [0x8c, 6] + Array("system".utf8) + [0x93, UInt8(ascii: ".")]
        #expect(try refusal(archive(pickle: modern)).contains("posix.system"))
        #expect(!FileManager.default.fileExists(atPath: marker))
        // Instructions that are not known, and those that find nothing on the stack.
        #expect(try refusal(archive(pickle: [0x80, 2, UInt8(ascii: "i"), UInt8(ascii: ".")])).contains("instruction 0x69"))
        for code in "su.ehRQtabq" { #expect(try !refusal(archive(pickle: Array("\(code).".utf8))).isEmpty) }
        #expect(try refusal(archive(pickle: [])).contains("ends"))
    }

    @Test("dictionaries that are in themselves, and lists without end, come to an end")
    func bombs() throws {
        // d = {}; d["x"] = d
        let loop: [UInt8] = [UInt8(ascii: "}"), UInt8(ascii: "q"), 0, 0x8c, 1, UInt8(ascii: "x"), UInt8(ascii: "h"), 0, UInt8(ascii: "s")]
        #expect(try refusal(archive(pickle: loop + [UInt8(ascii: ".")])).contains("nested too deeply"))
        // Ten dictionaries, each with the one before fifty times.
        var tree: [UInt8] = [UInt8(ascii: "}"), UInt8(ascii: "q"), 0]
        for level in 1...10 as ClosedRange<UInt8> {
            tree += [UInt8(ascii: "}"), UInt8(ascii: "q"), level]
            for item in 10..<60 { tree += [0x8c, 2] + Array("\(item)".utf8) + [UInt8(ascii: "h"), level - 1, UInt8(ascii: "s")] }
        }
        #expect(try refusal(archive(pickle: tree + [UInt8(ascii: ".")])).contains("items"))
        var list: [UInt8] = [UInt8(ascii: "]")]
        for _ in 0..<5000 { list += [UInt8(ascii: "N"), UInt8(ascii: "a")] }
        #expect(try refusal(archive(pickle: list + [UInt8(ascii: ".")])).contains("list"))
    }

    @Test("what is compressed, or does not have its checksum, is refused")
    func checked() throws {
        let pickle: [UInt8] = [UInt8(ascii: "}"), UInt8(ascii: ".")]
        let path = directory.url.path + "/empty.pth"
        try archive(pickle: pickle).write(to: URL(fileURLWithPath: path))
        #expect(try PyTorchCheckpoint(path: path).tensors.isEmpty)
        #expect(try refusal(archive(pickle: pickle, method: 8)).contains("compressed"))
        #expect(try refusal(archive(pickle: pickle, checksum: 1)).contains("checksum"))
    }

    @Test("a file cut short anywhere, or with any byte changed, is an error or the same tensors, never more")
    func damaged() throws {
        let sound = try Data(contentsOf: Self.folder.appendingPathComponent("views.pth"))
        let expected = try read("views.pth")
        let path = directory.url.path + "/damaged.pth"
        var refused = 0
        func check(_ bytes: Data) throws {
            try bytes.write(to: URL(fileURLWithPath: path))
            do throws(ModelFileError) {
                let found = try PyTorchCheckpoint(path: path).tensors
                #expect(found.allSatisfy { expected[$0.key] == $0.value }, "damage went through")
            } catch {
                refused += 1
            }
        }
        for length in stride(from: 0, to: sound.count, by: 7) { try check(sound.prefix(length)) }
        for place in 0..<sound.count {
            var bytes = sound
            bytes[place] ^= 0x55
            try check(bytes)
        }
        #expect(refused > sound.count / 2)
    }
}

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

    /// A checkpoint with a pickle, and the numbers of one tensor.
    private func archive(_ pickle: [UInt8], _ storage: [UInt8]) -> Data {
        Data(StoredArchive.of([("a/data.pkl", pickle), ("a/data/0", storage)]))
    }

    /// An instruction that leaves a string.
    private static func key(_ text: String) -> [UInt8] { [0x8c, UInt8(text.utf8.count)] + Array(text.utf8) }

    @Test("what nests without end is refused, or goes without filling the stack")
    func deep() throws {
        let (name, set, end) = (Self.key("a"), UInt8(ascii: "s"), UInt8(ascii: "."))
        // Tuples of one, each in the next.
        let tuples = [UInt8](repeating: 0x85, count: 1_000_000)
        let sequences = [UInt8(ascii: "}")] + name + [UInt8(ascii: "]")] + tuples + [set, end]
        #expect(try refusal(archive(pickle: sequences)).contains("deep"))
        // Dictionaries, each in the one before.
        let (opening, count) = ([UInt8(ascii: "}")] + name, 100_000)
        let chain =
            [[UInt8]](repeating: opening, count: count).flatMap { $0 } + [UInt8(ascii: "N")] + [UInt8](repeating: set, count: count) + [end]
        #expect(try refusal(archive(pickle: chain)).contains("nested too deeply"))
    }

    @Test("dictionaries that are in themselves go when the checkpoint was read")
    func circles() throws {
        // Each is thrown away by the instruction for attributes once it is in itself.
        let circle = [UInt8(ascii: "}"), UInt8(ascii: "q"), 0] + Self.key("x") + [UInt8(ascii: "h"), 0] + Array("sb".utf8)
        let pickle = [UInt8(ascii: "}")] + [[UInt8]](repeating: circle, count: 100_000).flatMap { $0 } + [UInt8(ascii: ".")]
        let path = directory.url.path + "/circles.pth"
        try archive(pickle: pickle).write(to: URL(fileURLWithPath: path))
        func residentPages() throws -> Int {
            let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            return try #require(fields.count > 1 ? Int(fields[1]) : nil)
        }
        for _ in 0..<2 { #expect(try PyTorchCheckpoint(path: path).tensors.isEmpty) }
        let before = try residentPages()
        for _ in 0..<8 { #expect(try PyTorchCheckpoint(path: path).tensors.isEmpty) }
        // 8 times 100 000 dictionaries of more than 100 bytes are 20 000 pages of 4 KB. A sanitizer keeps what was freed for a while.
        if !Sanitizer.isOn { #expect(try residentPages() - before < 8000) }
    }

    /// `torch._utils._rebuild_tensor_v2` of the storage `0`, under the name `a`; sizes and steps are instructions that leave a tuple.
    private static func tensor(sizes: [UInt8], steps: [UInt8]) -> [UInt8] {
        let storage =
            Array("(".utf8) + key("storage") + Array("ctorch\nFloatStorage\n".utf8) + key("0") + key("cpu") + [0x4b, 16] + Array("tQ".utf8)
        let call = Array("ctorch._utils\n_rebuild_tensor_v2\n(".utf8) + storage + [0x4b, 0] + sizes + steps + Array("tR".utf8)
        return [UInt8(ascii: "}")] + key("a") + call + Array("s.".utf8)
    }

    @Test("a small file does not become a large one, nor take long")
    func amplification() throws {
        let storage = [UInt8](repeating: 0, count: 64)
        func refused(_ pickle: [UInt8]) throws -> String { try refusal(archive(pickle, storage)) }
        // [65536, 4096] by steps of 0: a gigabyte of the same number.
        let large = [UInt8(ascii: "J"), 0, 0, 1, 0, UInt8(ascii: "J"), 0, 16, 0, 0, 0x86]
        #expect(try refused(Self.tensor(sizes: large, steps: [0x4b, 0, 0x4b, 0, 0x86])).contains("too large"))
        // Sixteen of a number are fine.
        let small: [UInt8] = [0x4b, 4, 0x4b, 4, 0x86]
        let path = directory.url.path + "/small.pth"
        try archive(Self.tensor(sizes: small, steps: [0x4b, 0, 0x4b, 0, 0x86]), storage).write(to: URL(fileURLWithPath: path))
        let repeated = try #require(try PyTorchCheckpoint(path: path).tensors["a"])
        #expect(repeated.shape == [4, 4] && repeated.values == [Float](repeating: 0, count: 16))
        // More dimensions than any tensor has.
        let ones = Array("(".utf8) + [[UInt8]](repeating: [0x4b, 1], count: 100).flatMap { $0 } + Array("t".utf8)
        #expect(try refused(Self.tensor(sizes: ones, steps: ones)).contains("100 dimensions"))
        // Lists that grow one by one, again and again.
        let list = Array("]q".utf8) + [0] + [[UInt8]](repeating: Array("Na".utf8), count: 4096).flatMap { $0 }
        let lists = [[UInt8]](repeating: list, count: 3).flatMap { $0 }
        #expect(try refused([UInt8(ascii: "}")] + lists + [UInt8(ascii: ".")]).contains("grow by"))
    }

    @Test("names that are long, with those of the dictionaries around them, are refused before they are put together")
    func longNames() throws {
        let (one, size) = (Self.tensor(sizes: [0x4b, 1, 0x85], steps: [0x4b, 1, 0x85]).dropFirst().dropLast(2), UInt32(1 << 20))
        let long = Array("X".utf8) + withUnsafeBytes(of: size.littleEndian) { Array($0) } + [UInt8](repeating: 0x61, count: Int(size))
        // A tensor in a dictionary whose name is a megabyte.
        let nested = Array("}".utf8) + long + Array("}".utf8) + one + Array("ss.".utf8)
        #expect(try refusal(archive(nested, [UInt8](repeating: 0, count: 64))).contains("at most 256"))
        let name = String(repeating: "a", count: 513)
        #expect(try refusal(Data(StoredArchive.of([(name, [0]), ("a/data.pkl", Array("}.".utf8))]))).contains("is 513; at most 512"))
    }

    @Test("files of an archive that lie in each other are refused")
    func overlap() throws {
        let pickle: [UInt8] = [UInt8(ascii: "}"), UInt8(ascii: ".")]
        let path = directory.url.path + "/overlap.pth"
        let storage = [UInt8](repeating: 1, count: 1000)
        let sound = StoredArchive.of([("a/data/0", storage), ("a/data.pkl", pickle)])
        try Data(sound).write(to: URL(fileURLWithPath: path))
        #expect(try PyTorchCheckpoint(path: path).tensors.isEmpty)
        let copied = StoredArchive.of([("a/data/0", storage), ("a/data.pkl", pickle)], copies: ["a/data/1", "a/data/2"])
        #expect(try refusal(Data(copied)).contains("overlap"))
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

import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("GGUF files")
struct GGUFFileTests {
    private func open(_ bytes: [UInt8]) throws -> GGUFFile {
        let folder = try TemporaryDirectory()
        let path = folder.url.appendingPathComponent("model.gguf").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try GGUFFile(path: path)
    }

    private func refusal(_ change: (inout GGUFBuilder) -> Void) -> String {
        var builder = GGUFBuilder.sample
        change(&builder)
        do {
            _ = try open(builder.bytes)
            return "no error"
        } catch let error as ModelFileError {
            return "\(error)"
        } catch {
            return "another error: \(error)"
        }
    }

    @Test("every kind of value and tensor reads as it was written, in versions 2 and 3", arguments: [2, 3] as [UInt32])
    func reads(version: UInt32) throws {
        var builder = GGUFBuilder.sample
        builder.version = version
        let file = try open(builder.bytes)
        #expect(file.version == version && file.keys.count == 9)
        #expect(try file.string("general.architecture") == "llama")
        #expect(try file.integer("a.u32") == 7 && file.integer("a.i64") == -9)
        #expect(try file.float("a.f32") == 1.5 && file.float("a.f64") == -2.5 && file.float("a.u32") == 7)
        #expect(try file.bool("a.bool") == true)
        #expect(try file.strings("a.strings") == [[0x78], [], [0xff, 0xfe]])
        #expect(try file.integers("a.ints") == [1, -2, 3])
        #expect(try file.floats("a.floats") == [0.5, -0.5])
        #expect(try file.string("nothing") == nil && file.integer("nothing") == nil && file.strings("nothing") == nil)
        let one = try file.tensor("one")
        #expect(one.shape == [2, 4] && one.type == .f32 && file.copy(of: one) == (0..<32).map { UInt8($0) })
        let two = try file.tensor("two")
        #expect(two.shape == [32] && two.type == .q8_0 && file.copy(of: two) == (32..<66).map { UInt8($0) })
        #expect(file.copy(of: try file.tensor("three")) == (96..<102).map { UInt8($0) })
        #expect(throws: ModelFileError.missingTensor("four")) { try file.tensor("four") }
    }

    @Test("a value of another type is refused by its key, with both types")
    func wrongTypes() throws {
        let file = try open(GGUFBuilder.sample.bytes)
        let reads: [(String, String, () throws -> Void)] = [
            ("a.u32", "string", { _ = try file.string("a.u32") }), ("a.f32", "integer", { _ = try file.integer("a.f32") }),
            ("a.bool", "number", { _ = try file.float("a.bool") }), ("a.u32", "bool", { _ = try file.bool("a.u32") }),
            ("a.ints", "array of strings", { _ = try file.strings("a.ints") }),
            ("a.floats", "array of integers", { _ = try file.integers("a.floats") }),
            ("a.strings", "array of numbers", { _ = try file.floats("a.strings") }),
            ("a.u32", "array of strings", { _ = try file.strings("a.u32") }),
        ]
        for (key, expected, read) in reads {
            let error = #expect(throws: ModelFileError.self) { try read() }
            let sentence = "\(try #require(error))"
            #expect(sentence.contains("'\(key)'") && sentence.contains(expected))
        }
    }

    @Test("numbers beyond 63 bits and names that are not UTF-8 are refused by their key")
    func oddValues() throws {
        var builder = GGUFBuilder.sample
        builder.set("big", .uint64(.max))
        builder.set("bad", .init(type: 8, bytes: GGUFBuilder.text([0xff])))
        let file = try open(builder.bytes)
        #expect(throws: ModelFileError.self) { try file.integer("big") }
        #expect(throws: ModelFileError.self) { try file.string("bad") }
        #expect(refusal { $0.entries.append(([0xff], .bool(true))) }.contains("not valid UTF-8"))
    }

    @Test("another file, version or byte order is refused by what it is")
    func otherFiles() {
        #expect(refusal { $0.magic = 0x4747_5546 }.contains("not a GGUF file"))
        #expect(refusal { $0.version = 1 }.contains("version 1; expected 2 or 3"))
        #expect(refusal { $0.version = 4 }.contains("version 4; expected 2 or 3"))
        #expect(refusal { $0.version = 0x0300_0000 }.contains("big-endian"))
        #expect(throws: ModelFileError.self) { try open([]) }
        #expect(throws: ModelFileError.self) { try GGUFFile(path: "/nowhere/model.gguf") }
        let error = #expect(throws: ModelFileError.self) { try GGUFFile(path: FileManager.default.temporaryDirectory.path) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("not a regular file"))
        #expect(throws: ModelFileError.self) { try GGUFFile(path: "/dev/null") }
    }

    @Test("tensors of every unsupported type are refused by name")
    func unsupportedTypes() {
        for (number, name) in [
            (10, "Q2_K"), (11, "Q3_K"), (20, "IQ4_NL"), (23, "IQ4_XS"), (26, "I32"), (28, "F64"), (39, "MXFP4"), (77, "number 77"),
        ] as [(UInt32, String)] {
            let sentence = refusal { $0.tensors[1].type = number }
            #expect(sentence.contains("tensor 'two' has type \(name), which is not supported"))
        }
    }

    @Test("impossible shapes, offsets and sizes are refused with the tensor's name")
    func badTensors() {
        #expect(refusal { $0.tensors[1].dimensions = [] }.contains("'two' has 0 dimensions"))
        #expect(refusal { $0.tensors[1].dimensions = [32, 1, 1, 1, 1] }.contains("'two' has 5 dimensions"))
        #expect(refusal { $0.tensors[1].dimensions = [0] }.contains("'two' has a dimension of 0"))
        #expect(refusal { $0.tensors[1].dimensions = [.max] }.contains("'two' has a dimension"))
        #expect(refusal { $0.tensors[1].dimensions = [33] }.contains("'two' has shape [33]"))
        #expect(refusal { $0.tensors[1].dimensions = [1 << 40, 1 << 40] }.contains("'two' has shape"))
        #expect(refusal { $0.tensors[1].dimensions = [32, 1 << 50] }.contains("'two' takes"))
        #expect(refusal { $0.tensors[1].offset = 33 }.contains("'two' starts at 33, which is not a multiple of 32"))
        #expect(refusal { $0.tensors[1].offset = .max - 31 }.contains("'two' takes"))
        #expect(refusal { $0.tensors[1].offset = 0 }.contains("overlaps"))
        #expect(refusal { $0.tensors[1].name = Array("one".utf8) }.contains("tensor 'one' appears twice"))
        #expect(refusal { $0.data.removeLast() }.contains("'three' takes 6 bytes"))
    }

    @Test("counts that lie cost neither memory nor time")
    func lyingCounts() {
        for count in [1 << 60, .max, 1 << 32] as [UInt64] {
            #expect(refusal { $0.tensorCount = count }.contains("the number of tensors is \(count)"))
            #expect(refusal { $0.entryCount = count }.contains("the number of metadata keys is \(count)"))
            let strings = GGUFBuilder.Value(type: 9, bytes: GGUFBuilder.little(UInt32(8)) + GGUFBuilder.little(count))
            #expect(refusal { $0.set("x", strings) }.contains("the length of the array 'x'"))
            #expect(refusal { $0.set("x", .init(type: 8, bytes: GGUFBuilder.little(count))) }.contains("the length of the value of 'x'"))
        }
    }

    @Test("keys that come twice, unknown types, odd truth values and arrays too deep are refused")
    func badEntries() {
        #expect(refusal { $0.set("a.u32", .uint32(1)) }.contains("'a.u32' appears twice"))
        #expect(refusal { $0.set("x", .init(type: 13, bytes: [])) }.contains("'x' has type number 13"))
        #expect(refusal { $0.set("x", .init(type: 7, bytes: [2])) }.contains("'x' is a bool of value 2"))
        var nested: [UInt8] = []
        for _ in 0..<5 { nested += GGUFBuilder.little(UInt32(9)) + GGUFBuilder.little(UInt64(1)) }
        nested += GGUFBuilder.little(UInt32(4)) + GGUFBuilder.little(UInt64(0))
        #expect(refusal { $0.set("x", .init(type: 9, bytes: nested)) }.contains("'x' nests arrays more than 4 deep"))
    }

    @Test("the alignment that the file names is kept, one that cannot be is refused")
    func alignment() throws {
        var builder = GGUFBuilder.sample
        builder.set("general.alignment", .uint32(64))
        builder.alignment = 64
        builder.tensors = [.init("one", [4], offset: 0), .init("two", [4], offset: 64)]
        builder.data = (0..<80).map { UInt8($0) }
        let file = try open(builder.bytes)
        #expect(file.copy(of: try file.tensor("two")) == (64..<80).map { UInt8($0) })
        for bad: UInt32 in [0, 3, 48, 1 << 20] {
            #expect(refusal { $0.set("general.alignment", .uint32(bad)) }.contains("general.alignment"))
        }
        #expect(refusal { $0.set("general.alignment", .string("x")) }.contains("general.alignment"))
    }

    @Test("a value of any type reads as what it is, arrays of arrays as well")
    func values() throws {
        let inner = GGUFBuilder.little(UInt32(0)) + GGUFBuilder.little(UInt64(2)) + [5, 6]
        var builder = GGUFBuilder.sample
        builder.set("nested", .init(type: 9, bytes: GGUFBuilder.little(UInt32(9)) + GGUFBuilder.little(UInt64(2)) + inner + inner))
        let file = try open(builder.bytes)
        #expect(try file.value("nested") == .array([.array([.unsigned(5), .unsigned(6)]), .array([.unsigned(5), .unsigned(6)])]))
        #expect(try file.value("a.strings") == .array([.string([0x78]), .string([]), .string([0xff, 0xfe])]))
        #expect(try file.value("general.architecture") == .string(Array("llama".utf8)) && file.value("a.bool") == .bool(true))
        #expect(try file.value("a.i64") == .signed(-9) && file.value("a.f32") == .float(1.5) && file.value("nothing") == nil)
        #expect(throws: ModelFileError.self) { try file.integers("nested") }
    }

    @Test("names that are too long, and what they say in messages, are bounded")
    func longNames() {
        let long = [UInt8](repeating: 0x61, count: 257)
        #expect(refusal { $0.entries.append((long, .bool(true))) }.contains("metadata key 9 is 257; at most 256"))
        #expect(refusal { $0.tensors[1].name = long }.contains("tensor 1 is 257; at most 256"))
        let sentence = refusal {
            $0.tensors[1].name = Array("a\n\u{1b}[2J".utf8) + long.prefix(200)
            $0.tensors[1].type = 23
        }
        #expect(sentence.contains("'a\\u{a}\\u{1b}[2Jaaa") && sentence.utf8.count < 400)
    }

    @Test("a file that is written to while it is open is noticed")
    func changes() throws {
        let folder = try TemporaryDirectory()
        let url = folder.url.appendingPathComponent("model.gguf")
        try Data(GGUFBuilder.sample.bytes).write(to: url)
        let file = try GGUFFile(path: url.path)
        try file.file.checkUnchanged()
        let handle = try FileHandle(forWritingTo: url)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data([1, 2, 3]))
        try handle.close()
        let error = #expect(throws: ModelFileError.self) { try file.file.checkUnchanged() }
        #expect("\(try #require(error))".contains("its size changed"))
    }
}

extension GGUFFile {
    /// A tensor's bytes, which outlive the file.
    fileprivate func copy(of tensor: TensorDescription) -> [UInt8] {
        withExtendedLifetime(self) { Array(storage(of: tensor).bytes) }
    }
}

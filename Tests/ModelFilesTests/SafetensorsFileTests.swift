import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("Safetensors files")
struct SafetensorsFileTests {
    /// A file of any header and data.
    private func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
        let header = Array(header.utf8)
        return withUnsafeBytes(of: (length ?? UInt64(header.count)).littleEndian, Array.init) + header
            + (0..<data).map { UInt8(truncatingIfNeeded: $0) }
    }

    private func refusal(_ header: String, data: Int = 0) -> String {
        do {
            _ = try SafetensorsFile(bytes: file(header, data: data))
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test("what is written reads back, from memory and from disk, with its metadata")
    func roundTrip() throws {
        let tensors = [
            SafetensorsWriter.Tensor(name: "b", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6]),
            SafetensorsWriter.Tensor(name: "a\"é\n", type: .int64, shape: [1], bytes: [7, 0, 0, 0, 0, 0, 0, 0]),
            SafetensorsWriter.Tensor(name: "empty", shape: [0, 4], floats: []),
            SafetensorsWriter.Tensor(name: "scalar", shape: [], floats: [9]),
        ]
        let metadata = ["key": "va\"lue\\", "ü": "\u{1}"]
        let bytes = try SafetensorsWriter.encode(tensors: tensors, metadata: metadata)
        #expect(bytes == (try SafetensorsWriter.encode(tensors: tensors, metadata: metadata)))
        let folder = try TemporaryDirectory()
        let path = folder.url.appendingPathComponent("x.safetensors").path
        try AtomicFile.replace(path, with: [1, 2, 3])
        try AtomicFile.replace(path, with: bytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["x.safetensors"])
        for file in [try SafetensorsFile(bytes: bytes), try SafetensorsFile(path: path)] {
            #expect(file.metadata == metadata && file.tensors.count == 4)
            #expect(try file.floats("b") == [1, 2, 3, 4, 5, 6] && file.tensor("b").shape == [2, 3])
            #expect(try file.floats("a\"é\n") == [7] && file.floats("empty") == [] && file.floats("scalar") == [9])
            #expect(try file.withBytes(of: "b") { $0.count } == 24)
            #expect(throws: ModelFileError.missingTensor("c")) { try file.floats("c") }
        }
        #expect(bytes.prefix(8).reduce(0) { $0 + Int($1) } > 0 && (8 + Int(bytes[0]) + Int(bytes[1]) * 256) % 8 == 0)
    }

    @Test("every type's numbers convert to F32")
    func converts() throws {
        func floats(_ type: SafetensorsType, _ bytes: [UInt8]) throws -> [Float] {
            try SafetensorsFile(
                bytes: SafetensorsWriter.encode(tensors: [.init(name: "x", type: type, shape: [bytes.count / type.byteCount], bytes: bytes)]
                )
            ).floats("x")
        }
        #expect(try floats(.f16, [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00]) == [1, -2, 5.9604645e-08])
        #expect(try floats(.bf16, [0x80, 0x3f, 0x00, 0xc0]) == [1, -2])
        #expect(try floats(.f64, withUnsafeBytes(of: (-2.5).bitPattern.littleEndian, Array.init)) == [-2.5])
        #expect(try floats(.int8, [0xff, 1]) == [-1, 1] && floats(.uint8, [0xff]) == [255] && floats(.bool, [1, 0]) == [1, 0])
        #expect(try floats(.int16, [0xfe, 0xff]) == [-2] && floats(.uint16, [0xfe, 0xff]) == [65534])
        #expect(
            try floats(.int32, [0xfd, 0xff, 0xff, 0xff]) == [-3] && floats(.uint32, [4, 0, 0, 0]) == [4]
                && floats(.uint64, [5, 0, 0, 0, 0, 0, 0, 0]) == [5]
        )
    }

    @Test("tensors that overlap, leave gaps, lie about their size or leave bytes over are refused by name")
    func badTensors() {
        func tensor(_ name: String, _ shape: String, _ offsets: String, type: String = "F32") -> String {
            "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
        }
        #expect(refusal("{\(tensor("a", "[2]", "[0,8]"))}", data: 8) == "no error")
        #expect(refusal("{\(tensor("a", "[2]", "[0,8]")),\(tensor("b", "[1]", "[4,8]"))}", data: 8).contains("'b' overlaps"))
        #expect(refusal("{\(tensor("a", "[1]", "[4,8]"))}", data: 8).contains("'a' leaves a gap"))
        #expect(refusal("{\(tensor("a", "[1]", "[0,4]")),\(tensor("b", "[1]", "[8,12]"))}", data: 12).contains("'b' leaves a gap"))
        #expect(refusal("{\(tensor("a", "[2]", "[0,8]"))}", data: 9).contains("1 bytes after its last tensor"))
        #expect(refusal("{}", data: 1).contains("after its last tensor"))
        #expect(refusal("{\(tensor("a", "[3]", "[0,8]"))}", data: 8).contains("'a' has 8 bytes, but shape [3]"))
        #expect(refusal("{\(tensor("a", "[2]", "[0,8]"))}", data: 7).contains("'a' has data_offsets [0, 8]"))
        #expect(refusal("{\(tensor("a", "[2]", "[8,0]"))}", data: 8).contains("'a' has data_offsets"))
        #expect(refusal("{\(tensor("a", "[4611686018427387904,4]", "[0,8]"))}", data: 8).contains("too large"))
        #expect(refusal("{\(tensor("a", "[2]", "[0,8]", type: "F8_E4M3"))}", data: 8).contains("'a' has type F8_E4M3"))
        #expect(refusal("{\(tensor("a", "[2]", "[0]"))}", data: 8).contains("'a' lacks"))
        #expect(refusal("{\(tensor("a", "[2]", "[0,8]")),\(tensor("a", "[2]", "[0,8]"))}", data: 8).contains("'a' appears twice"))
    }

    @Test(
        "a header that is not strict JSON of the format is refused",
        arguments: [
            "", "x", "[]", "{", "{}x", "{\"a\"}", "{\"a\":}", "{\"a\":1}", "{\"a\":{}}", "{,}", "{\"a\":{\"dtype\":\"F32\"}}",
            "{\"__metadata__\":{\"a\":1}}",
            "{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}", "{\"__metadata__\":[]}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,0]}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,0]}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[01],\"data_offsets\":[0,4]}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,0]}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0],\"x\":1}}",
            "{\"\\x\":1}", "{\"\\ud800\":1}", "{\"a\nb\":1}", "{\"__metadata__\":{\"a\":\"b\"}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[[0]],\"data_offsets\":[0,0]}}",
        ]
    )
    func badHeaders(header: String) {
        #expect(throws: ModelFileError.self) { try SafetensorsFile(bytes: file(header)) }
    }

    @Test("escapes and white space of JSON are read, as is the padding at the header's end")
    func escapes() throws {
        let file = try SafetensorsFile(bytes: file("{ \"__metadata__\" : {\"a\\u00e9\\ud83d\\ude00\\n\":\"\\\"\\\\\\/\\t\"} }   \n"))
        #expect(file.metadata == ["aé😀\n": "\"\\/\t"])
    }

    @Test("a header's length that lies is refused before anything is read")
    func lyingLength() {
        for length in [3, 100, 1 << 40, .max] as [UInt64] {
            #expect(throws: ModelFileError.self) { try SafetensorsFile(bytes: file("{}", length: length)) }
        }
        for count in 0..<8 { #expect(throws: ModelFileError.self) { try SafetensorsFile(bytes: [UInt8](repeating: 0, count: count)) } }
    }

    @Test("cut short anywhere, or with any byte of the header changed, a file is refused or reads within itself")
    func damage() throws {
        let sound = try SafetensorsWriter.encode(
            tensors: [.init(name: "a", shape: [2], floats: [1, 2]), .init(name: "b", type: .f16, shape: [1, 2], bytes: [1, 2, 3, 4])],
            metadata: ["k": "v"]
        )
        func check(_ bytes: [UInt8]) throws {
            guard let file = try? SafetensorsFile(bytes: bytes) else { return }
            for tensor in file.tensors.values {
                #expect(tensor.bytes.lowerBound >= 8 && tensor.bytes.upperBound <= bytes.count)
                #expect(try file.floats(tensor.name).count == tensor.shape.reduce(1, *))
            }
        }
        for length in 0..<sound.count { #expect(throws: ModelFileError.self) { try SafetensorsFile(bytes: Array(sound.prefix(length))) } }
        for offset in 0..<sound.count {
            for byte in UInt8.min...UInt8.max {
                var bytes = sound
                bytes[offset] = byte
                try check(bytes)
            }
        }
    }

    @Test("a file that cannot be written or replaced is an error that names it, and leaves nothing behind")
    func cannotWrite() {
        let error = #expect(throws: ModelFileError.self) { try AtomicFile.replace("/nowhere/x", with: [1]) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("/nowhere/x"))
        #expect(throws: ModelFileError.self) { try SafetensorsWriter.encode(tensors: [.init(name: "a", shape: [2], floats: [1])]) }
        #expect(throws: ModelFileError.self) {
            try SafetensorsWriter.encode(tensors: [.init(name: "a", shape: [1], floats: [1]), .init(name: "a", shape: [1], floats: [1])])
        }
    }
}

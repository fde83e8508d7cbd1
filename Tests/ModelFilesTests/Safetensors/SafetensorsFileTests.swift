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
        #expect(
            refusal("{\(tensor("a", "[2]", "[0,8]", type: "F8_E4M3"))}", data: 8).contains(
                "'a' has type 'F8_E4M3', which is not supported; expected one of: BOOL"
            )
        )
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
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[[0]],\"data_offsets\":[0,0]}}", " {}", "\n{}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,0],\"data_offsets\":[0,0]}}",
            "{\"__metadata__\":{},\"__metadata__\":{}}", String(repeating: "{\"a\":", count: 100_000),
            "{\"a\":" + String(repeating: "[", count: 100_000),
        ]
    )
    func badHeaders(header: String) {
        #expect(throws: ModelFileError.self) { try SafetensorsFile(bytes: file(header)) }
    }

    @Test("names that differ in bytes but look alike are not mixed up: they are refused")
    func lookalikes() {
        let tensor = "{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}"
        #expect(refusal("{\"\u{e9}\":\(tensor),\"e\u{301}\":\(tensor)}").contains("appears twice"))
    }

    @Test("names of more than 256 bytes are refused, in the metadata as well")
    func longNames() throws {
        let (most, more) = (String(repeating: "a", count: 256), String(repeating: "a", count: 257))
        let tensor = "{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}"
        #expect(try SafetensorsFile(bytes: file("{\"\(most)\":\(tensor)}")).tensors.keys.contains(most))
        #expect(refusal("{\"\(more)\":\(tensor)}").contains("is 257; at most 256"))
        #expect(refusal("{\"__metadata__\":{\"\(more)\":\"\"}}").contains("is 257; at most 256"))
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
}

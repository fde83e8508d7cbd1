import Foundation
import ModelFiles
import TestSupport

/// A GGUF file that holds metadata and no tensors.
struct MetadataFile {
    private var bytes: [UInt8] = []
    private var count: UInt64 = 0

    mutating func add(_ key: String, string value: String) {
        begin(key, 8)
        append(Array(value.utf8))
    }

    mutating func add(_ key: String, unsigned value: UInt32) {
        begin(key, 4)
        append(value)
    }

    mutating func add(_ key: String, bool value: Bool) {
        begin(key, 7)
        bytes.append(value ? 1 : 0)
    }

    mutating func add(_ key: String, strings values: [[UInt8]]) {
        begin(key, 9)
        append(UInt32(8))
        append(UInt64(values.count))
        for value in values { append(value) }
    }

    mutating func add(_ key: String, integers values: [Int32]) {
        begin(key, 9)
        append(UInt32(5))
        append(UInt64(values.count))
        for value in values { append(UInt32(bitPattern: value)) }
    }

    /// The file, written and opened.
    func open(in directory: TemporaryDirectory) throws -> GGUFFile {
        var file = MetadataFile()
        file.bytes = Array("GGUF".utf8)
        file.append(UInt32(3))
        file.append(UInt64(0))
        file.append(count)
        let url = directory.url.appendingPathComponent("\(UUID().uuidString).gguf")
        try Data(file.bytes + bytes).write(to: url)
        return try GGUFFile(path: url.path)
    }

    private mutating func begin(_ key: String, _ type: UInt32) {
        append(Array(key.utf8))
        append(type)
        count += 1
    }

    private mutating func append(_ string: [UInt8]) {
        append(UInt64(string.count))
        bytes += string
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }
}

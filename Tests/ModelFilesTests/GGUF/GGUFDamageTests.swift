import Foundation
import ModelFiles
import TestSupport
import Testing

/// A damaged file is refused by a typed error, or what is read of it lies within it. Nothing traps.
@Suite("Damaged GGUF files")
struct GGUFDamageTests {
    private let folder: TemporaryDirectory
    private let path: String
    private let damage: Damage
    /// Where the tensors' data begins.
    private let headerEnd: Int

    init() throws {
        folder = try TemporaryDirectory()
        path = folder.url.appendingPathComponent("model.gguf").path
        damage = Damage(sound: GGUFBuilder.sample.bytes)
        headerEnd = damage.sound.count - GGUFBuilder.sample.data.count
    }

    @Test("cut short anywhere, a file is refused")
    func cuts() throws {
        try damage.cuts { bytes in
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            #expect(throws: ModelFileError.self) { try GGUFFile(path: path) }
        }
    }

    @Test("with any byte or number of its header changed, a file is refused or reads within itself")
    func changes() throws {
        var (refused, read) = (0, 0)
        try damage.changes(upTo: headerEnd) { bytes in
            if try check(bytes) { read += 1 } else { refused += 1 }
        }
        // Both happen, else the damage misses its aim.
        #expect(refused > 1000 && read > 1000)
    }

    @Test("with random damage, a file is refused or reads within itself")
    func random() throws {
        try damage.random(5000, seed: 1, upTo: headerEnd) { _ = try check($0) }
    }

    /// Opens a file and reads all of it.
    ///
    /// - Returns: whether it could be opened.
    private func check(_ bytes: [UInt8]) throws -> Bool {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let file: GGUFFile
        do throws(ModelFileError) { file = try GGUFFile(path: path) } catch {
            #expect(!error.description.isEmpty && error.description.utf8.count < 1000)
            return false
        }
        var end = 0
        for tensor in file.tensors.values.sorted(by: { $0.bytes.lowerBound < $1.bytes.lowerBound }) {
            #expect(tensor.bytes.lowerBound >= end && tensor.bytes.upperBound <= bytes.count)
            #expect(
                tensor.type.byteCount(shape: tensor.shape) == tensor.bytes.count
                    && file.storage(of: tensor).bytes.count == tensor.bytes.count
            )
            end = tensor.bytes.upperBound
        }
        for key in file.keys {
            #expect(try file.value(key) != nil)
            _ = try? file.string(key)
            _ = try? file.integer(key)
            _ = try? file.float(key)
            _ = try? file.bool(key)
            _ = try? file.strings(key)
            _ = try? file.integers(key)
            _ = try? file.floats(key)
        }
        return true
    }
}

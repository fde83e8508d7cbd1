import ModelFiles
import Testing

/// A damaged file is refused by a typed error, or what is read of it lies within it. Nothing traps.
@Suite("Damaged safetensors files")
struct SafetensorsDamageTests {
    private let damage: Damage
    private let headerEnd: Int

    init() throws {
        let sound = try SafetensorsWriter.encode(
            tensors: [.init(name: "a", shape: [2], floats: [1, 2]), .init(name: "b", type: .f16, shape: [1, 2], bytes: [1, 2, 3, 4])],
            metadata: ["k": "v\\"]
        )
        damage = Damage(sound: sound)
        headerEnd = sound.count - 12
    }

    @Test("cut short anywhere, a file is refused")
    func cuts() {
        damage.cuts { bytes in
            #expect(throws: ModelFileError.self) { try SafetensorsFile(bytes: bytes) }
        }
    }

    @Test("with any byte or number of its header changed, a file is refused or reads within itself")
    func changes() throws {
        var (refused, read) = (0, 0)
        try damage.changes(upTo: headerEnd) { bytes in
            if try check(bytes) { read += 1 } else { refused += 1 }
        }
        #expect(refused > 1000 && read > 10)
    }

    @Test("with random damage, a file is refused or reads within itself")
    func random() throws {
        try damage.random(20_000, seed: 2, upTo: headerEnd) { _ = try check($0) }
    }

    /// - Returns: whether the file could be opened.
    private func check(_ bytes: [UInt8]) throws -> Bool {
        let file: SafetensorsFile
        do throws(ModelFileError) { file = try SafetensorsFile(bytes: bytes) } catch {
            #expect(!error.description.isEmpty && error.description.utf8.count < 1000)
            return false
        }
        var covered = 0
        for tensor in file.tensors.values {
            #expect(tensor.bytes.lowerBound >= 8 && tensor.bytes.upperBound <= bytes.count)
            #expect(try file.floats(tensor.name).count == tensor.shape.reduce(1, *))
            covered += tensor.bytes.count
        }
        let header = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(8 + header + covered == bytes.count)
        return true
    }
}

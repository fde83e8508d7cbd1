import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("Split GGUF models")
struct GGUFSplitTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func path(_ part: Int, of count: Int = 3) -> String {
        directory.url.appendingPathComponent(String(format: "model-%05d-of-%05d.gguf", part, count)).path
    }

    /// Writes the three parts, each with a tensor of one number, and opens the model.
    private func open(from part: Int = 1, change: (Int, inout GGUFBuilder) -> Void = { _, _ in }) throws -> GGUFFile {
        for number in 0..<3 {
            var builder = GGUFBuilder()
            builder.set("split.no", .uint32(UInt32(number)))
            builder.set("split.count", .uint32(3))
            if number == 0 {
                builder.set("split.tensors.count", .int64(3))
                builder.set("general.architecture", .string("llama"))
            }
            builder.tensors = [.init("tensor\(number)", [1])]
            builder.data = GGUFBuilder.little(Float(number).bitPattern)
            change(number, &builder)
            try Data(builder.bytes).write(to: URL(fileURLWithPath: path(number + 1)))
        }
        return try GGUFFile(path: path(part))
    }

    private func message(from part: Int = 1, change: (Int, inout GGUFBuilder) -> Void = { _, _ in }) throws -> String {
        "\(try #require(#expect(throws: ModelFileError.self) { try open(from: part, change: change) }))"
    }

    @Test("the first part opens all, and each tensor is read from its own file")
    func whole() throws {
        let model = try open()
        #expect(model.files.map(\.path) == (1...3).map { path($0) } && model.tensors.count == 3)
        #expect(try model.string("general.architecture") == "llama")
        for number in 0..<3 {
            let tensor = try model.tensor("tensor\(number)")
            let bytes = withExtendedLifetime(model) { Array(model.storage(of: tensor).bytes) }
            #expect(bytes == GGUFBuilder.little(Float(number).bitPattern))
        }
    }

    @Test("another part, a missing one, or one that is of another model is refused")
    func refusals() throws {
        #expect(try message(from: 2).contains("part 2 of 3; expected the first"))
        #expect(try message { number, builder in if number == 1 { builder.entries[0].value = .uint32(2) } }.contains("part 2 of 3"))
        #expect(
            try message { number, builder in if number == 2 { builder.tensors = [.init("tensor0", [1])] } }.contains(
                "'tensor0' appears twice"
            )
        )
        #expect(
            try message { number, builder in if number == 0 { builder.entries[2].value = .int64(4) } }.contains(
                "have 3 tensors; expected 4"
            )
        )
        #expect(try message { number, builder in if number == 0 { builder.entries[1].value = .uint32(1 << 30) } }.contains("split.count"))
        let damaged = try message { number, builder in if number == 1 { builder.tensors = [.init("x", [1 << 40])] } }
        #expect(damaged.contains("model-00002-of-00003.gguf': tensor 'x'"), "\(damaged)")
        let confused = try message { number, builder in if number == 2 { builder.entries[0].value = .string("two") } }
        #expect(confused.contains("model-00003-of-00003.gguf': metadata key 'split.no'"), "\(confused)")
        _ = try open()
        try FileManager.default.removeItem(atPath: path(3))
        #expect(throws: ModelFileError.missingFile(path: path(3), operation: "open")) { try GGUFFile(path: path(1)) }
        let renamed = directory.url.appendingPathComponent("model.gguf").path
        try FileManager.default.moveItem(atPath: path(1), toPath: renamed)
        #expect("\(try #require(#expect(throws: ModelFileError.self) { try GGUFFile(path: renamed) }))".contains("-00001-of-00003.gguf"))
    }
}

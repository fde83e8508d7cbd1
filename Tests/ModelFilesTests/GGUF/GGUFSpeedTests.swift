import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("Opening a large vocabulary")
struct GGUFSpeedTests {
    @Test("a file of 150,000 tokens and as many merges opens in tens of milliseconds")
    func opensQuickly() throws {
        var builder = GGUFBuilder()
        builder.set("tokenizer.ggml.tokens", .strings((0..<150_000).map { Array("token\($0)".utf8) }))
        builder.set("tokenizer.ggml.merges", .strings((0..<150_000).map { Array("to ken\($0)".utf8) }))
        builder.set("tokenizer.ggml.scores", .float32s([Float](repeating: 0, count: 150_000)))
        let folder = try TemporaryDirectory()
        let path = folder.url.appendingPathComponent("model.gguf").path
        try Data(builder.bytes).write(to: URL(fileURLWithPath: path))
        // The best of several, for others may use the machine; unoptimized code is ten times slower, and so are sanitizers.
        let limit: Duration = isOptimized && !Sanitizer.isOn ? .milliseconds(80) : .milliseconds(1500)
        let clock = ContinuousClock()
        let opening = try (0..<5).map { _ in try clock.measure { _ = try GGUFFile(path: path) } }.min()
        #expect(try #require(opening) < limit)
        let file = try GGUFFile(path: path)
        #expect(try file.strings("tokenizer.ggml.tokens")?.count == 150_000)
        let reading = try (0..<5).map { _ in try clock.measure { _ = try file.strings("tokenizer.ggml.tokens") } }.min()
        #expect(try #require(reading) < limit)
    }

    private var isOptimized: Bool {
        var result = true
        assert(
            {
                result = false
                return true
            }()
        )
        return result
    }
}

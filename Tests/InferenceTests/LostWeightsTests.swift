import Foundation
import Inference
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("a model's file that changes under its workers", .enabled(if: TestModels.hasTiny, "needs golden/models/llama3"))
struct LostWeightsTests: TinyPoolSuite {
    private let folder: TemporaryDirectory
    private let file: URL

    init() throws {
        folder = try TemporaryDirectory()
        file = folder.url.appendingPathComponent("model.gguf")
        try FileManager.default.copyItem(at: try #require(GoldenFiles.url("models/llama3/model.gguf")), to: file)
    }

    private func pool() throws -> WorkerPool {
        let model = try LoadedModel.load(path: file.path, id: "lost", packsWeights: false)
        return TestModels.pool([ModelSpecification(model: model), ModelSpecification(model: try #require(try TestModels.tiny()))])
    }

    @Test("cut short, it ends its model's requests with an error and no token of what was left; the model is down, the others go on")
    func cutShort() async throws {
        let pool = try pool()
        defer { pool.stop() }
        let expected = try await Generation(pool.submit(request(tokens: 1900), model: "tiny")).ids
        let before = try await Generation(pool.submit(request(tokens: 1900), model: "lost")).ids
        #expect(before == expected)
        var tokens: [Int32] = []
        var error: (any Error)?
        do {
            for try await event in try pool.submit(request(tokens: 1900), model: "lost") {
                guard case .token(let token) = event else { continue }
                tokens.append(token.id)
                if tokens.count == 5 { #expect(truncate(file.path, 4096) == 0) }
            }
        } catch let thrown {
            error = thrown
        }
        guard case GenerationError.workerFailed(model: "lost", let reason)? = error else {
            Issue.record("\(String(describing: error)) after \(tokens.count) tokens")
            return
        }
        #expect(reason.contains("model.gguf") && tokens.elementsEqual(expected.prefix(tokens.count)))
        #expect(!pool.status.isReady && pool.status.models.map(\.up) == [0, 1])
        #expect(throws: PoolError.unavailable(model: "lost")) { try pool.submit(request(), model: "lost") }
        #expect(try await Generation(pool.submit(request(), model: "tiny")).ids == Array(expected.prefix(8)))
    }

    @Test("it is found out by who asks, also where nothing runs")
    func idle() throws {
        let pool = try pool()
        defer { pool.stop() }
        #expect(pool.status.isReady)
        #expect(truncate(file.path, 4096) == 0)
        #expect(!pool.status.isReady)
    }

    @Test("written to in place, it is lost, also where nothing runs and its size is what it was, and whatever it becomes later")
    func overwritten() async throws {
        let pool = try pool()
        defer { pool.stop() }
        let content = try Data(contentsOf: file)
        #expect(pool.status.isReady)
        try await Task.sleep(for: .milliseconds(20))
        let handle = try FileHandle(forWritingTo: file)
        try handle.write(contentsOf: Data(content.reversed()))
        try handle.close()
        #expect(!pool.status.isReady)
        #expect(throws: PoolError.unavailable(model: "lost")) { try pool.submit(request(), model: "lost") }
        let again = try FileHandle(forWritingTo: file)
        try again.write(contentsOf: content)
        try again.close()
        #expect(!pool.status.isReady)
    }

    @Test("replaced under its name, or removed, it changes nothing")
    func replaced() async throws {
        let pool = try pool()
        defer { pool.stop() }
        let before = try await Generation(pool.submit(request(tokens: 20), model: "lost")).ids
        try Data("no model".utf8).write(to: file, options: .atomic)
        #expect(try await Generation(pool.submit(request(tokens: 20), model: "lost")).ids == before)
        try FileManager.default.removeItem(at: file)
        #expect(try await Generation(pool.submit(request(tokens: 20), model: "lost")).ids == before)
        #expect(pool.status.isReady)
    }
}

import Foundation
import TestSupport
import Testing

@Suite(
    "rudder serve and memory",
    .enabled(if: RudderProcess.path != nil, "needs the built program"),
    .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"),
    .enabled(if: !Sanitizer.isOn, "a sanitizer has an allocator of its own")
)
struct ServeMemoryTests {
    /// How many pieces of memory a process holds that look like the heap of one of glibc's arenas: at a multiple of 64 MiB, and no larger.
    private static func arenas(of process: Int32) throws -> Int {
        let size = 64 << 20
        return try String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8).split(separator: "\n").count { line in
            let fields = line.split(separator: " ")
            let ends = fields[0].split(separator: "-").compactMap { Int($0, radix: 16) }
            return fields[1].hasPrefix("rw") && fields.count == 5 && ends[0] % size == 0 && ends[1] - ends[0] <= size
        }
    }

    @Test("many threads at work leave two arenas of malloc's, and not one each")
    func arenas() async throws {
        let folder = try TemporaryDirectory()
        let model = try #require(TestServer.tinyModel)
        let server = try RudderProcess(["serve", "--model", "tiny=\(model)", "--port", "0"], folder: folder.url)
        let client = try await server.ready()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    try await client.post("/v1/completions", #"{"model": "tiny", "prompt": "x", "max_tokens": 100, "ignore_eos": true}"#)
                        .status
                }
            }
            for try await status in group { #expect(status == 200) }
        }
        // The other one is the process's first, which lies elsewhere.
        #expect(try Self.arenas(of: server.identifier) <= 1)
        server.send(SIGTERM)
        #expect(try await server.status() == 0)
    }
}

import Server
import TestSupport
import Testing
import Yams

@Suite("the description of the interface", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct DescriptionServerTests {
    @Test("Docs/openapi.yaml describes every route that is answered, and no other")
    func routes() async throws {
        let text = try String(contentsOf: GoldenFiles.repositoryFile("Docs/openapi.yaml"), encoding: .utf8)
        let document = try #require(try Yams.load(yaml: text) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let methods: Set = ["get", "put", "post", "delete", "patch", "head", "options"]
        let described = paths.flatMap { path, operations in operations.keys.filter(methods.contains).map { "\($0.uppercased()) \(path)" } }
        try await TestServer.run { (server: TestServer) async throws in
            // The playground's files are described as one.
            let answered = server.application.routes.map { route in
                "\(route.method.rawValue) \(route.path.hasPrefix("/playground/") ? "/playground/{file}" : route.path)"
            }
            #expect(Set(described) == Set(answered))
        }
    }
}

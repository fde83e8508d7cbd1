import Foundation
import Server
import TestSupport
import Testing

@Suite("the playground's files", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct PlaygroundServerTests {
    private static let types = [
        "/": "text/html; charset=utf-8", "/server": "text/html; charset=utf-8", "/playground/style.css": "text/css; charset=utf-8",
        "/playground/common.js": "text/javascript; charset=utf-8", "/playground/playground.js": "text/javascript; charset=utf-8",
        "/playground/server.js": "text/javascript; charset=utf-8", "/playground/heads.js": "text/javascript; charset=utf-8",
        "/playground/server.css": "text/css; charset=utf-8",
        "/playground/icon.svg": "image/svg+xml",
    ]

    /// The name in Sources of the file that is served under a path.
    private static func fileName(_ path: String) -> String {
        switch path {
        case "/": "index.html"
        case "/server": "server.html"
        default: path.split(separator: "/").last.map(String.init) ?? ""
        }
    }

    @Test("each comes as it is in Sources, with its type, and may load nothing from elsewhere")
    func files() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for (path, type) in Self.types {
                let answer = try await server.client.send("GET", path)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.fields["content-type"] == type, "\(path)")
                #expect(answer.fields["x-content-type-options"] == "nosniff", "\(path)")
                #expect(answer.fields["cache-control"] == "no-cache", "\(path)")
                let policy = answer.fields["content-security-policy"] ?? ""
                for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"] {
                    #expect(policy.contains(part), "\(path): \(policy)")
                }
                #expect(!policy.contains("unsafe"))
                let source = try Data(contentsOf: GoldenFiles.repositoryFile("Sources/CPlayground/pages/\(Self.fileName(path))"))
                // As a Bool, lest a failure print whole files.
                #expect((answer.body == Array(source)) as Bool, "\(path)")
            }
        }
    }

    @Test("every file of the folder is served")
    func complete() throws {
        let folder = GoldenFiles.repositoryFile("Sources/CPlayground/pages").path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(Set(names) == Set(try PlaygroundFile.all().map { Self.fileName($0.path) }))
    }

    @Test("a browser that has a file already is answered 304 without it")
    func notModified() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let tag = try #require(try await server.client.send("GET", "/").fields["etag"])
            #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
            for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let answer = try await server.client.send("GET", "/", fields: [("If-None-Match", known)])
                #expect(answer.status == 304, "\(known)")
                #expect(answer.body.isEmpty)
                #expect(answer.fields["etag"] == tag)
            }
            for known in ["\"other\"", tag.replacingOccurrences(of: "\"", with: "")] {
                #expect(try await server.client.send("GET", "/", fields: [("If-None-Match", known)]).status == 200, "\(known)")
            }
            #expect(try await server.client.send("GET", "/server").fields["etag"] != tag)
        }
    }

    @Test("HEAD is answered without a body, POST is refused")
    func methods() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let answer = try await server.client.send("HEAD", "/")
            #expect(answer.status == 200)
            #expect(answer.body.isEmpty)
            #expect(answer.fields["content-length"].flatMap { Int($0) } ?? 0 > 1000)
            #expect(try await server.client.post("/", "{}").status == 405)
        }
    }

    @Test("switched off, none of its paths exist, and the API goes on")
    func disabled() async throws {
        try await TestServer.run(configure: { $0.playground = false }) { (server: TestServer) async throws in
            for path in Self.types.keys { #expect(try await server.client.send("GET", path).status == 404, "\(path)") }
            #expect(try await server.client.send("GET", "/v1/models").status == 200)
        }
    }

    @Test("playground.enabled switches it off")
    func configured() async throws {
        let environment = ["RUDDER_PLAYGROUND_ENABLED": "false"]
        let read = try await ServerConfiguration.load(path: GoldenFiles.repositoryFile("Config/rudder.yaml").path, environment: environment)
        #expect(!read.playground)
    }
}

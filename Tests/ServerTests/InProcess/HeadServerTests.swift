import Foundation
import ModelFiles
import Server
import TestSupport
import Testing

@Suite("the admin API and the list of heads", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct HeadServerTests {
    @Test("upload, list, read, download byte for byte, remove")
    func life() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let client = server.client
            let first = try TestHeads.file(width: 64, seed: 1, metadata: ["reward": "test", "steps": "7"])
            let second = try TestHeads.file(width: 64, seed: 2)
            let created = try await client.send("PUT", "/admin/v1/heads/mine", body: first)
            #expect(created.status == 201)
            let description = try created.json()
            #expect(description["name"]?.text == "mine")
            #expect(description["version"]?.integer == 1)
            let sha256 = try SHA256Digest.of(first).hex
            #expect(description["sha256"]?.text == sha256)
            #expect(description["hidden_size"]?.integer == 64)
            #expect(description["layers"]?.integer == 2)
            #expect(description["site"]?.text == "final_norm")
            #expect(description["metadata"]?["reward"]?.text == "test")
            let replaced = try await client.send("PUT", "/admin/v1/heads/mine", body: second)
            #expect(replaced.status == 200)
            #expect(try replaced.json()["version"]?.integer == 2)

            let listed = try await client.send("GET", "/v1/heads").json()["data"]?.elements ?? []
            #expect(listed.map { $0["name"]?.text } == ["mine"])
            #expect(listed[0]["version"]?.integer == 2)
            #expect(try await client.send("GET", "/admin/v1/heads").json()["data"]?.elements.count == 1)
            let versions = try await client.send("GET", "/admin/v1/heads/mine").json()["data"]?.elements ?? []
            #expect(Set(versions.compactMap { $0["version"]?.integer }) == [1, 2])
            #expect(try await client.send("GET", "/admin/v1/heads/mine?version=1").json()["sha256"]?.text == sha256)
            #expect(try await client.send("GET", "/admin/v1/heads/mine?version=1&download").body == first)
            #expect(try await client.send("GET", "/admin/v1/heads/mine?download").body == second)
            #expect(try await client.send("GET", "/admin/v1/heads/mine?version=9").status == 404)
            #expect(try await client.send("GET", "/admin/v1/heads/mine?version=x").status == 400)

            #expect(try await client.send("DELETE", "/admin/v1/heads/mine").status == 200)
            #expect(try await client.send("DELETE", "/admin/v1/heads/mine").status == 404)
            #expect(try await client.send("GET", "/admin/v1/heads/mine").status == 404)
            #expect(try await client.send("GET", "/v1/heads").json()["data"]?.elements.isEmpty == true)
        }
    }

    @Test("a head that comes with the server says so, is hidden by an uploaded one, and cannot be removed")
    func bundled() async throws {
        let folder = try TemporaryDirectory()
        let file = try TestHeads.file(width: TestServer.tinyWidth, seed: 3)
        try Data(file).write(to: folder.url.appendingPathComponent("given.safetensors"))
        try await TestServer.run(configure: { $0.bundledHeads = folder.url.path }) { (server: TestServer) async throws in
            let client = server.client
            func isBundled() async throws -> JSONValue? {
                try await client.send("GET", "/v1/heads").json()["data"]?.elements.first { $0["name"]?.text == "given" }?["bundled"]
            }
            #expect(try await isBundled() == .bool(true))
            let refusal = try await client.send("DELETE", "/admin/v1/heads/given")
            #expect(refusal.status == 409)
            #expect(try refusal.json()["error"]?["code"]?.text == "head_read_only")
            try await server.upload("given")
            #expect(try await isBundled() == .bool(false))
            #expect(try await client.send("DELETE", "/admin/v1/heads/given").status == 200)
            #expect(try await isBundled() == .bool(true))
            #expect(try await client.send("GET", "/admin/v1/heads/given?version=1&download").body == file)
        }
    }

    @Test("a bad file or name is refused with 400 and changes nothing")
    func refusals() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let good = try TestHeads.file(width: 64)
            try await server.upload("mine")
            var notFinite = good
            notFinite.replaceSubrange(notFinite.count - 4..<notFinite.count, with: [0, 0, 0xC0, 0x7F])
            let bad: [[UInt8]] = [
                [], Array("hello".utf8), Array(good.dropLast()), good + [0], notFinite, try TestHeads.file(width: 65),
                try TestHeads.file(width: 64, metadata: ["steps": "many"]), try TestHeads.file(width: 64, metadata: ["hidden_size": "63"]),
            ]
            for bytes in bad {
                let answer = try await server.client.send("PUT", "/admin/v1/heads/mine", body: bytes)
                #expect(answer.status == 400, "\(bytes.count) bytes")
                #expect(try answer.json()["error"]?["message"]?.text?.isEmpty == false)
            }
            for name in ["a%20b", "-a", "a@2", "%2e%2e", String(repeating: "a", count: 65)] {
                #expect(try await server.client.send("PUT", "/admin/v1/heads/\(name)", body: good).status == 400, "\(name)")
            }
            let versions = try await server.client.send("GET", "/admin/v1/heads/mine").json()["data"]?.elements ?? []
            #expect(versions.count == 1)
        }
    }

    @Test("an upload beyond the limit is refused with 413, whole")
    func tooLarge() async throws {
        try await TestServer.run(configure: { $0.limits.uploadBytes = 1 << 20 }) { (server: TestServer) async throws in
            let answer = try await server.client.send("PUT", "/admin/v1/heads/mine", body: [UInt8](repeating: 0, count: 3 << 20))
            #expect(answer.status == 413)
            #expect(try answer.json()["error"]?["code"]?.text == "request_too_large")
        }
    }

    @Test("with a token every route asks for it, before it reads the body; /v1/heads does not")
    func token() async throws {
        try await TestServer.run(configure: { try $0.access.adminTokens = [SecretHash(of: "secret")] }) {
            (server: TestServer) async throws in
            let file = try TestHeads.file(width: 64)
            for (method, path) in [
                ("GET", "/admin/v1/heads"), ("GET", "/admin/v1/heads/a"), ("PUT", "/admin/v1/heads/a"), ("DELETE", "/admin/v1/heads/a"),
            ] {
                for fields in [[], [("Authorization", "Bearer wrong")]] {
                    let answer = try await server.client.send(method, path, fields: fields, body: method == "PUT" ? file : nil)
                    #expect(answer.status == 401)
                    #expect(answer.fields["www-authenticate"] == "Bearer")
                }
            }
            let fields = [("Authorization", "Bearer secret")]
            #expect(try await server.client.send("PUT", "/admin/v1/heads/a", fields: fields, body: file).status == 201)
            #expect(try await server.client.send("GET", "/v1/heads").status == 200)
            #expect(try await server.client.send("GET", "/v1/models", fields: [("Authorization", "Bearer whatever")]).status == 200)
        }
    }

    @Test("without a token, other hosts and forwarded requests are refused")
    func loopbackOnly() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            #expect(try await server.client.send("GET", "/admin/v1/heads", fields: [("Host", "localhost")]).status == 200)
            #expect(try await server.client.send("GET", "/admin/v1/heads", fields: [("Host", "example.com")]).status == 403)
            #expect(try await server.client.send("GET", "/admin/v1/heads", fields: [("X-Forwarded-For", "1.2.3.4")]).status == 403)
        }
    }
}

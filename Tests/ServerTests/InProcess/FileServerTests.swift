import Foundation
import Server
import TestSupport
import Testing

@Suite("files over a socket", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct FileServerTests {
    @Test("a file is uploaded, described, listed, read as it was, and removed")
    func wholeStory() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let client = server.client
            let text = (0..<40_000).map { "line \($0)\r\n--b0undar\r\n" }.joined()
            let file = try await client.uploadFile(text, name: "wind \\\"rose\\\".jsonl")
            let id = try #require(file["id"]?.text)
            #expect(id.hasPrefix("file-") && file["object"]?.text == "file" && file["purpose"]?.text == "batch")
            #expect(file["bytes"]?.integer == text.utf8.count && file["filename"]?.text == "wind \"rose\".jsonl")
            #expect(try await client.send("GET", "/v1/files/\(id)").json() == file)
            let content = try await client.send("GET", "/v1/files/\(id)/content")
            #expect(content.status == 200 && content.text == text)
            // As long as names may be, of 255 letters.
            let name = String(repeating: "日", count: 255)
            let other = try await client.uploadFile("", name: name)
            #expect(other["filename"]?.text == name)
            let list = try await client.send("GET", "/v1/files?limit=1").json()
            #expect(list["data"]?.elements == [other] && list["has_more"] == .bool(true))
            let next = try await client.send("GET", "/v1/files?limit=1&after=\(other["id"]?.text ?? "")").json()
            #expect(next["data"]?.elements == [file] && next["has_more"] == .bool(false))
            #expect(try await client.send("GET", "/v1/files?order=asc&purpose=batch").json()["data"]?.elements == [file, other])
            #expect(try await client.send("GET", "/v1/files?purpose=batch_output").json()["data"]?.elements == [])
            #expect(try await client.send("GET", "/v1/files?purpose=vision").status == 400)
            let removed = try await client.send("DELETE", "/v1/files/\(id)").json()
            #expect(removed["deleted"] == .bool(true) && removed["id"]?.text == id)
            for (method, path) in [("GET", id), ("GET", "\(id)/content"), ("DELETE", id), ("GET", "..%2Fbatches"), ("GET", "x")] {
                #expect(try await client.send(method, "/v1/files/\(path)").status == 404, "\(method) \(path)")
            }
        }
    }

    @Test("who removes what it lists goes on behind it, and a file that cannot be read hides no other")
    func listingWhileRemoving() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let client = server.client
            var ids: [String] = []
            for index in 0..<5 { ids.append(try await client.uploadFile("\(index)")["id"]?.text ?? "") }
            let damaged = server.folder.url.appendingPathComponent("batches/files/\(ids[4])/file.json")
            try Data("{".utf8).write(to: damaged)
            var (seen, after): ([String], String) = ([], "")
            while true {
                let page = try await client.send("GET", "/v1/files?limit=2\(after)").json()
                for file in page["data"]?.elements ?? [] {
                    let id = try #require(file["id"]?.text)
                    seen.append(id)
                    #expect(try await client.send("DELETE", "/v1/files/\(id)").status == 200)
                }
                guard page["has_more"] == .bool(true) else { break }
                after = "&after=\(page["last_id"]?.text ?? "")"
            }
            #expect(seen == ids.dropLast().reversed())
        }
    }

    @Test("what is no form, lacks a field or has one twice is refused by the field's name, and nothing of it is kept")
    func refusals() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let client = server.client
            let cases: [([(String, String?, String)], String)] = [
                ([("file", "a", "x")], "purpose"), ([("purpose", nil, "batch")], "file"),
                ([("purpose", nil, "vision"), ("file", "a", "x")], "purpose"),
                ([("purpose", nil, "batch" + String(repeating: "x", count: 1000)), ("file", "a", "x")], "purpose"),
                ([("purpose", nil, "batch"), ("expires_after[seconds]", nil, "3600"), ("file", "a", "x")], "expires_after"),
                ([("purpose", nil, "batch"), ("file", nil, "x")], "file"),
                ([("purpose", nil, "batch"), ("file", String(repeating: "a", count: 1025), "x")], "file"),
                ([("file", "a", "x"), ("file", "b", "x"), ("purpose", nil, "batch")], "file"),
                ([("purpose", nil, "batch"), ("purpose", nil, "batch"), ("file", "a", "x")], "purpose"),
            ]
            for (parts, parameter) in cases {
                let answer = try await client.form(parts)
                #expect(answer.status == 400)
                #expect(try answer.json()["error"]?["param"]?.text == parameter, "\(parts)")
            }
            #expect(try await client.post("/v1/files", "{}").status == 400)
            let torn = "--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nabc"
            let fields = [("Content-Type", "multipart/form-data; boundary=b")]
            #expect(try await client.send("POST", "/v1/files", fields: fields, body: Array(torn.utf8)).status == 400)
            for query in ["limit=0", "limit=x", "order=up", "after=file-none"] {
                #expect(try await client.send("GET", "/v1/files?\(query)").status == 400, "\(query)")
            }
            #expect(try await client.send("GET", "/v1/files").json()["data"]?.elements == [])
            let left = try FileManager.default.contentsOfDirectory(
                atPath: server.folder.url.appendingPathComponent("batches/incoming").path
            )
            #expect(left == [])
        }
    }

    @Test("a file too large is refused with 413, one for which there is no room with 507; removing another makes room")
    func limits() async throws {
        try await TestServer.run(configure: {
            $0.batches?.fileBytes = 100_000
            $0.batches?.totalBytes = 200_000
        }) { (server: TestServer) async throws in
            let client = server.client
            func upload(_ bytes: Int) async throws -> TestAnswer {
                try await client.form([("purpose", nil, "batch"), ("file", "a", String(repeating: "x", count: bytes))])
            }
            // More than the form may be, and more than the file may be.
            #expect(try await upload(1_000_000).status == 413)
            let answer = try await upload(100_001)
            #expect(try answer.status == 413 && answer.json()["error"]?["code"]?.text == "file_too_large")
            let id = try #require(try await upload(100_000).json()["id"]?.text)
            let full = try await upload(100_000)
            #expect(try full.status == 507 && full.json()["error"]?["code"]?.text == "storage_full")
            #expect(try await client.send("DELETE", "/v1/files/\(id)").status == 200)
            #expect(try await upload(100_000).status == 200)
        }
    }

    @Test("without a folder there are no files and no batches")
    func off() async throws {
        try await TestServer.run(configure: { $0.batches = nil }) { (server: TestServer) async throws in
            #expect(try await server.client.send("GET", "/v1/files").status == 404)
            #expect(try await server.client.post("/v1/batches", "{}").status == 404)
        }
    }
}

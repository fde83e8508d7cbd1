import Foundation
import Server
import TestSupport
import Testing

@Suite("captured hidden states", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct CaptureServerTests {
    private static let members = #""model": "tiny", "prompt": "def f(x)", "max_tokens": 6, "temperature": 0, "ignore_eos": true"#

    private func ask(_ server: TestServer, _ capture: String, further: String = "") async throws -> JSONValue {
        try await server.client.post("/v1/completions", "{\(Self.members)\(further), \"capture\": \(capture)}").json()
    }

    /// The rows of a choice's captured states, as the bits of their halves.
    private func rows(_ capture: JSONValue?, site: String = "final_norm") throws -> [[UInt16]] {
        let capture = try #require(capture)
        let shape = try #require(capture["shape"]?.elements.map { $0.integer ?? -1 })
        let data = try #require(capture["data"]?.text.flatMap { Data(base64Encoded: $0) })
        #expect(capture["dtype"]?.text == "float16" && capture["site"]?.text == site && shape.count == 2 && shape[1] == 64)
        #expect(data.count == shape[0] * 64 * 2)
        let halves = stride(from: 0, to: data.count, by: 2).map { UInt16(data[$0]) | UInt16(data[$0 + 1]) << 8 }
        return (0..<shape[0]).map { row in Array(halves[row * 64..<row * 64 + 64]) }
    }

    @Test("a window of generated tokens gives their states, whatever the window, streamed or not")
    func window() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let whole = try await ask(server, #"{"site": "final_norm", "from": 0, "to": 32}"#)["choices"]?.elements[0]["capture"]
            #expect(whole?["from"]?.integer == 0 && whole?["to"]?.integer == 6)
            let all = try rows(whole)
            #expect(all.count == 6 && Set(all).count == 6)
            let part = try await ask(server, #"{"from": 2, "to": 4}"#)["choices"]?.elements[0]["capture"]
            #expect(part?["from"]?.integer == 2 && part?["to"]?.integer == 4)
            #expect(try rows(part) == Array(all[2..<4]))
            let none = try await ask(server, #"{"from": 9, "to": 12}"#)["choices"]?.elements[0]["capture"]
            #expect(try rows(none).isEmpty && none?["to"]?.integer == 9)

            let body = "{\(Self.members), \"stream\": true, \"capture\": {\"from\": 1, \"to\": 3}}"
            let events = try await server.client.post("/v1/completions", body).events()
            let captures = events.compactMap { $0["choices"]?.elements.first?["capture"] }
            #expect(try captures.count == 1 && rows(captures.first) == Array(all[1..<3]))
            let last = events.compactMap { $0["choices"]?.elements.first }.last
            #expect(last?["capture"] != nil && last?["finish_reason"]?.text == "length")
        }
    }

    @Test("states between blocks are given back, too, streamed or not, of completions and chats")
    func layers() async throws {
        let folder = URL(fileURLWithPath: try #require(TestServer.tinyModel)).deletingLastPathComponent().path
        try await TestServer.run(models: [ModelSettings(id: TestServer.tiny, path: folder)]) { (server: TestServer) async throws in
            var seen: [[[UInt16]]] = []
            for site in ["layer.0", "layer.2", "final_norm"] {
                let whole = try await ask(server, #"{"site": "\#(site)", "to": 6}"#)["choices"]?.elements[0]["capture"]
                let all = try rows(whole, site: site)
                #expect(all.count == 6)
                seen.append(all)
                let body = "{\(Self.members), \"stream\": true, \"capture\": {\"site\": \"\(site)\", \"from\": 2, \"to\": 5}}"
                let events = try await server.client.post("/v1/completions", body).events()
                let captures = events.compactMap { $0["choices"]?.elements.first?["capture"] }
                #expect(try captures.count == 1 && rows(captures.first, site: site) == Array(all[2..<5]))
                let chat =
                    #"{"model": "tiny", "messages": [{"role": "user", "content": "x"}], "max_tokens": 3, "ignore_eos": true, "capture": {"site": "\#(site)", "to": 2}}"#
                let answer = try await server.client.post("/v1/chat/completions", chat).json()
                #expect(try rows(answer["choices"]?.elements[0]["capture"], site: site).count == 2)
            }
            #expect(Set(seen).count == 3)
        }
    }

    @Test("under control the states are the steered ones; without a capture there are none")
    func steered() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.upload("mine")
            let plain = try await ask(server, #"{"to": 1}"#)["choices"]?.elements[0]
            let moved = try await ask(server, #"{"to": 1}"#, further: #", "control": {"head": "mine", "steps": 5}"#)["choices"]?.elements[0]
            #expect(try rows(plain?["capture"]) != rows(moved?["capture"]))
            let without = try await server.client.post("/v1/completions", "{\(Self.members)}").json()["choices"]?.elements[0]
            #expect(without?["capture"] == nil && without?["text"] == plain?["text"])
        }
    }

    @Test("a Hugging Face folder is served with its chat template, and chats have captures, too")
    func chats() async throws {
        let folder = URL(fileURLWithPath: try #require(TestServer.tinyModel)).deletingLastPathComponent().path
        try await TestServer.run(models: [ModelSettings(id: TestServer.tiny, path: folder)]) { (server: TestServer) async throws in
            let members = #""model": "tiny", "messages": [{"role": "user", "content": "x"}], "max_tokens": 3, "ignore_eos": true"#
            let whole = try await server.client.post("/v1/chat/completions", "{\(members), \"capture\": {\"to\": 2}}").json()
            #expect(try rows(whole["choices"]?.elements[0]["capture"]).count == 2)
            let body = "{\(members), \"capture\": {\"to\": 2}, \"stream\": true}"
            let events = try await server.client.post("/v1/chat/completions", body).events()
            let captures = events.compactMap { $0["choices"]?.elements.first?["capture"] }
            #expect(try captures.map { try rows($0).count } == [2])
        }
    }

    @Test(
        "what cannot be captured is refused by its field",
        arguments: [
            (#"{"site": "layer.3", "to": 1}"#, "capture.site"), (#"{"site": "layer", "to": 1}"#, "capture.site"),
            (#"{}"#, "capture.to"), (#"{"from": 3, "to": 2}"#, "capture.to"),
            (#"{"from": -1, "to": 2}"#, "capture.from"), (#"{"to": 1.5}"#, "capture.to"), (#"{"to": 1025}"#, "capture.to"),
            (#"[]"#, "capture"),
        ]
    )
    func refusals(capture: String, field: String) async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let error = try await ask(server, capture)["error"]
            #expect(error?["param"]?.text == field && error?["type"]?.text == "invalid_request_error")
        }
    }

    @Test("the bound holds for all answers of a request together")
    func bound() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            #expect(try await ask(server, #"{"to": 512}"#, further: #", "n": 2"#)["error"] == nil)
            #expect(try await ask(server, #"{"to": 513}"#, further: #", "n": 2"#)["error"]?["param"]?.text == "capture.to")
        }
    }
}

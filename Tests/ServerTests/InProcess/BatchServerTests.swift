import Foundation
import Inference
import Server
import TestSupport
import Testing

@Suite("batches over a socket", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct BatchServerTests {
    private func line(_ id: String, _ body: String, url: String = "/v1/completions") -> String {
        TestClient.line(id, body, url: url)
    }

    /// An answer without what differs each time.
    private func lasting(_ answer: JSONValue?) -> JSONValue {
        guard case .object(var members)? = answer else { return .null }
        for name in ["id", "created"] { members[JSONKey(name)] = nil }
        if case .object(var control)? = members[JSONKey("control")] {
            control[JSONKey("seconds")] = nil
            members[JSONKey("control")] = .object(control)
        }
        return .object(members)
    }

    private func checkAnswers(_ server: TestServer, _ endpoint: String, _ body: String) async throws {
        // So that what is cached is the same for all.
        _ = try await server.client.post(endpoint, body)
        let alone = try await server.client.post(endpoint, body)
        try #require(alone.status == 200, "\(alone.text)")
        let id = try await server.client.startBatch((0..<5).map { line("line \($0)", body, url: endpoint) }, endpoint: endpoint)
        let batch = try await server.client.finishedBatch(id)
        #expect(batch["status"]?.text == "completed" && batch["error_file_id"] == .null && batch["errors"] == .null)
        let counts = batch["request_counts"]
        #expect(counts?["total"]?.integer == 5 && counts?["completed"]?.integer == 5 && counts?["failed"]?.integer == 0)
        for name in ["created_at", "in_progress_at", "finalizing_at", "completed_at"] { #expect(batch[name]?.integer ?? 0 > 0, "\(name)") }
        let results = try await server.client.results(batch["output_file_id"])
        #expect(Set(results.compactMap { $0["custom_id"]?.text }) == Set((0..<5).map { "line \($0)" }))
        #expect(Set(results.compactMap { $0["id"]?.text }).count == 5)
        for result in results {
            #expect(result["response"]?["status_code"]?.integer == 200 && result["error"] == .null)
            #expect(result["response"]?["request_id"]?.text?.hasPrefix("req_") == true)
            #expect(lasting(result["response"]?["body"]) == lasting(try alone.json()))
        }
        let file = try await server.client.send("GET", "/v1/files/\(batch["output_file_id"]?.text ?? "")").json()
        #expect(file["purpose"]?.text == "batch_output")
    }

    @Test(
        "every line is answered as the same request is by itself",
        arguments: [
            (
                "/v1/completions",
                #"{"model": "tiny", "prompt": ["def f", "x"], "max_tokens": 6, "seed": 7, "n": 2, "control": {"head": "up", "steps": 4}}"#
            ),
            ("/v1/embeddings", #"{"model": "tiny", "input": ["one", "two and more"]}"#),
        ]
    )
    func answers(endpoint: String, body: String) async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.upload("up")
            try await checkAnswers(server, endpoint, body)
        }
    }

    @Test("so is every line that is a chat", .enabled(if: GoldenFiles.model != nil, "needs the default model: make model"))
    func chats() async throws {
        let model = try #require(GoldenFiles.model)
        try await TestServer.run(models: [ModelSettings(id: "smollm2", path: model.path)]) { (server: TestServer) async throws in
            let body = #"{"model": "smollm2", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 5, "seed": 3}"#
            try await checkAnswers(server, "/v1/chat/completions", body)
        }
    }

    @Test("a line that is answered with an error is in the error file, with the answer it would have had")
    func errors() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let bodies = [
                "good": #"{"model": "tiny", "prompt": "x", "max_tokens": 2}"#,
                "hot": #"{"model": "tiny", "prompt": "x", "temperature": 9}"#,
                "nobody": #"{"model": "nobody", "prompt": "x"}"#, "head": #"{"model": "tiny", "prompt": "x", "control": {"head": "none"}}"#,
                "none": #"{}"#, "long": #"{"model": "tiny", "prompt": "x", "max_tokens": 1000000}"#,
            ]
            let id = try await server.client.startBatch(bodies.map { line($0.key, $0.value) })
            let batch = try await server.client.finishedBatch(id)
            #expect(batch["status"]?.text == "completed")
            #expect(batch["request_counts"]?["completed"]?.integer == 1 && batch["request_counts"]?["failed"]?.integer == 5)
            #expect(try await server.client.results(batch["output_file_id"]).map { $0["custom_id"]?.text } == ["good"])
            let results = try await server.client.results(batch["error_file_id"])
            #expect(results.count == 5)
            for result in results {
                let alone = try await server.client.post("/v1/completions", bodies[result["custom_id"]?.text ?? ""] ?? "")
                #expect(result["response"]?["status_code"]?.integer == alone.status)
                let (error, expected) = (result["response"]?["body"]?["error"], try alone.json()["error"])
                #expect(error?["message"] != nil && error?["message"] == expected?["message"] && error?["param"] == expected?["param"])
                #expect(error?["request_id"] == result["response"]?["request_id"])
            }
        }
    }

    @Test("an input that is no list of requests fails its batch, with every line's problem")
    func badInput() async throws {
        try await TestServer.run(configure: { $0.limits.bodyBytes = 4096 }) { (server: TestServer) async throws in
            let body = #"{"model": "tiny", "prompt": "x"}"#
            let lines = [
                line("a", body), "{", "", "[]", line("a", body), line("b", body, url: "/v1/embeddings"),
                #"{"custom_id": "c", "method": "GET", "url": "/v1/completions", "body": {}}"#,
                #"{"method": "POST", "url": "/v1/completions", "body": {}}"#,
                #"{"custom_id": "d", "method": "POST", "url": "/v1/completions"}"#,
                line("e", #"{"model": "tiny", "prompt": "x", "stream": true}"#), line("f", "[]"),
                line("g", "\"\(String(repeating: "x", count: 5000))\""),
                #"{"custom_id": 5, "method": "POST", "url": "/v1/completions", "body": {}}"#, line("", body),
            ]
            let batch = try await server.client.finishedBatch(try await server.client.startBatch(lines))
            #expect(batch["status"]?.text == "failed" && batch["failed_at"]?.integer ?? 0 > 0 && batch["output_file_id"] == .null)
            let problems = batch["errors"]?["data"]?.elements ?? []
            let expected: [(Int, String, String?)] = [
                (2, "invalid_json_line", nil), (4, "invalid_json_line", nil), (5, "duplicate_custom_id", "custom_id"),
                (6, "mismatched_url", "url"),
                (7, "invalid_method", "method"), (8, "missing_required_parameter", "custom_id"), (9, "missing_required_parameter", "body"),
                (10, "invalid_stream", "body.stream"), (11, "invalid_type", "body"), (12, "line_too_long", nil),
                (13, "invalid_type", "custom_id"),
                (14, "invalid_custom_id", "custom_id"),
            ]
            #expect(problems.map { $0["line"]?.integer } == expected.map(\.0))
            #expect(problems.map { $0["code"]?.text } == expected.map(\.1))
            #expect(problems.map { $0["param"]?.text } == expected.map(\.2))
            #expect(problems.allSatisfy { $0["message"]?.text?.isEmpty == false })
            let empty = try await server.client.finishedBatch(try await server.client.startBatch(["", " "]))
            #expect(empty["status"]?.text == "failed" && empty["errors"]?["data"]?[0]?["code"]?.text == "empty_file")
        }
    }

    @Test("a request for a batch is refused by the field at fault; batches are listed, the newest first")
    func requests() async throws {
        try await TestServer.run(configure: { $0.batches?.lines = 2 }) { (server: TestServer) async throws in
            let file =
                try await server.client.uploadFile(line("a", #"{"model": "tiny", "prompt": "x", "max_tokens": 1}"#))["id"]?.text ?? ""
            let good = #""input_file_id": "\#(file)", "endpoint": "/v1/completions", "completion_window": "24h""#
            let pairs = (0..<17).map { "\"\($0)\": \"\"" }.joined(separator: ",")
            for (body, parameter) in [
                (#"{"endpoint": "/v1/completions", "completion_window": "24h"}"#, "input_file_id"),
                (#"{"input_file_id": "\#(file)", "completion_window": "24h"}"#, "endpoint"),
                (#"{"input_file_id": "\#(file)", "endpoint": "/v1/responses", "completion_window": "24h"}"#, "endpoint"),
                (#"{"input_file_id": "\#(file)", "endpoint": "/v1/completions"}"#, "completion_window"),
                (#"{"input_file_id": "\#(file)", "endpoint": "/v1/completions", "completion_window": "1h"}"#, "completion_window"),
                ("{\(good), \"metadata\": 5}", "metadata"), ("{\(good), \"metadata\": {\"a\": 5}}", "metadata"),
                ("{\(good), \"metadata\": {\(pairs)}}", "metadata"),
            ] {
                let answer = try await server.client.post("/v1/batches", body)
                #expect(try answer.status == 400 && answer.json()["error"]?["param"]?.text == parameter, "\(body)")
            }
            let absent = #"{"input_file_id": "file-none", "endpoint": "/v1/completions", "completion_window": "24h"}"#
            let refusal = try await server.client.post("/v1/batches", absent)
            #expect(try refusal.status == 404 && refusal.json()["error"]?["code"]?.text == "file_not_found")
            let first = try await server.client.post("/v1/batches", "{\(good), \"metadata\": {\"for\": \"me\"}}").json()
            #expect(first["object"]?.text == "batch" && first["status"]?.text == "validating" && first["metadata"]?["for"]?.text == "me")
            let id = try #require(first["id"]?.text)
            let done = try await server.client.finishedBatch(id)
            #expect(done["metadata"]?["for"]?.text == "me" && done["input_file_id"]?.text == file)
            let many = (0..<3).map { line("\($0)", #"{"model": "tiny", "prompt": "x", "max_tokens": 1}"#) }
            let second = try await server.client.finishedBatch(try await server.client.startBatch(many))
            #expect(second["errors"]?["data"]?[0]?["code"]?.text == "too_many_requests")
            let list = try await server.client.send("GET", "/v1/batches?limit=1").json()
            #expect(list["data"]?.elements == [second] && list["has_more"] == .bool(true))
            let rest = try await server.client.send("GET", "/v1/batches?after=\(second["id"]?.text ?? "")").json()
            #expect(rest["data"]?.elements == [done] && rest["has_more"] == .bool(false))
            #expect(try await server.client.send("GET", "/v1/batches/batch_none").status == 404)
            #expect(try await server.client.send("POST", "/v1/batches/batch_none/cancel").status == 404)
            #expect(try await server.client.send("POST", "/v1/batches/\(id)/cancel").status == 400)
        }
    }

    @Test("a cancelled batch ends soon with what it has, and only then is its input free to be removed")
    func cancel() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let short = (0..<8).map { line("short \($0)", #"{"model": "tiny", "prompt": "x", "max_tokens": 1}"#) }
            let long = (0..<40).map { line("long \($0)", #"{"model": "tiny", "prompt": "x", "max_tokens": 1900, "ignore_eos": true}"#) }
            let id = try await server.client.startBatch(short + long)
            let begun = try await server.client.batch(id) { $0["request_counts"]?["completed"]?.integer ?? 0 >= 8 }
            #expect(begun["status"]?.text == "in_progress" && begun["request_counts"]?["total"]?.integer == 48)
            let input = begun["input_file_id"]?.text ?? ""
            let refused = try await server.client.send("DELETE", "/v1/files/\(input)")
            #expect(try refused.status == 400 && refused.json()["error"]?["code"]?.text == "file_in_use")
            let cancelling = try await server.client.send("POST", "/v1/batches/\(id)/cancel").json()
            #expect(cancelling["status"]?.text == "cancelling" && cancelling["cancelling_at"]?.integer ?? 0 > 0)
            let batch = try await server.client.finishedBatch(id)
            #expect(batch["status"]?.text == "cancelled" && batch["cancelled_at"]?.integer ?? 0 > 0)
            let results = try await server.client.results(batch["output_file_id"])
            #expect(results.count == batch["request_counts"]?["completed"]?.integer && results.count < 48)
            #expect(results.count { $0["custom_id"]?.text?.hasPrefix("short") == true } == 8)
            for _ in 0..<500 where server.running > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(server.running == 0)
            #expect(try await server.client.send("POST", "/v1/batches/\(id)/cancel").json()["status"]?.text == "cancelled")
            #expect(try await server.client.send("DELETE", "/v1/files/\(input)").status == 200)
        }
    }

    @Test("a batch that is cancelled at any moment of its beginning ends", .timeLimit(.minutes(1)))
    func cancelWhileBeginning() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let long = line("a", #"{"model": "tiny", "prompt": "x", "max_tokens": 1900, "ignore_eos": true}"#)
            var ends: [String: Int] = [:]
            for number in 0..<60 {
                let id = try await server.client.startBatch([long])
                try await Task.sleep(for: .microseconds(250 * (number % 30)))
                #expect(try await server.client.send("POST", "/v1/batches/\(id)/cancel").status == 200)
                ends[try await server.client.finishedBatch(id)["status"]?.text ?? "", default: 0] += 1
            }
            #expect(ends == ["cancelled": 60])
        }
    }

    @Test("a worker that fails costs no line its answer, but a line that makes it fail each time ends", .timeLimit(.minutes(1)))
    func workerFailure() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let body = #"{"model": "tiny", "prompt": "x", "max_tokens": 500, "ignore_eos": true, "n": 2}"#
            let id = try await server.client.startBatch((0..<4).map { line("\($0)", body) })
            while server.running == 0 { try await Task.sleep(for: .milliseconds(2)) }
            server.application.pool.injectFailure("a test", model: "tiny", worker: 0)
            let batch = try await server.client.finishedBatch(id)
            #expect(batch["request_counts"]?["completed"]?.integer == 4 && batch["request_counts"]?["failed"]?.integer == 0)
            #expect(server.application.pool.statistics.models[0].statistics.workerFailures == 1)

            let endless = #"{"model": "tiny", "prompt": "x", "max_tokens": 1900, "ignore_eos": true}"#
            let poisonous = try await server.client.startBatch([line("a", endless)])
            func counts() -> ModelStatistics { server.application.pool.statistics.models[0].statistics }
            for failure in 2...4 {
                let generated = counts().generatedTokens
                while counts().generatedTokens == generated { try await Task.sleep(for: .milliseconds(2)) }
                server.application.pool.injectFailure("a test", model: "tiny", worker: 0)
                while counts().workerFailures < failure { try await Task.sleep(for: .milliseconds(2)) }
            }
            #expect(try await server.client.finishedBatch(poisonous)["request_counts"]?["failed"]?.integer == 1)
        }
    }

    @Test("no more batches are unfinished, and no more that have ended are kept, than is configured")
    func bounds() async throws {
        try await TestServer.run(configure: {
            $0.batches?.unfinished = 2
            $0.batches?.kept = 3
        }) { (server: TestServer) async throws in
            let long = line("a", #"{"model": "tiny", "prompt": "x", "max_tokens": 1900, "ignore_eos": true}"#)
            let (first, second) = (try await server.client.startBatch([long]), try await server.client.startBatch([long]))
            let file = try await server.client.uploadFile(long)["id"]?.text ?? ""
            let good = #""input_file_id": "\#(file)", "endpoint": "/v1/completions", "completion_window": "24h""#
            let refusal = try await server.client.post("/v1/batches", "{\(good)}")
            #expect(try refusal.status == 429 && refusal.json()["error"]?["code"]?.text == "too_many_batches")
            let expiring = try await server.client.post("/v1/batches", "{\(good), \"output_expires_after\": {\"seconds\": 3600}}")
            #expect(try expiring.status == 400 && expiring.json()["error"]?["param"]?.text == "output_expires_after")
            for id in [first, second] {
                _ = try await server.client.send("POST", "/v1/batches/\(id)/cancel")
                _ = try await server.client.finishedBatch(id)
            }
            var ids: [String] = []
            for _ in 0..<4 {
                ids.append(try await server.client.startBatch([""]))
                _ = try await server.client.finishedBatch(ids[ids.count - 1])
            }
            // The newest is counted once it has ended.
            let listed = try await server.client.send("GET", "/v1/batches").json()["data"]?.elements.compactMap { $0["id"]?.text }
            #expect(listed == ids.reversed())
            #expect(try await server.client.send("GET", "/v1/batches/\(first)").status == 404)
        }
    }

    @Test("a batch leaves the queue to requests that come by themselves, however small or large it is", arguments: [2, 40])
    func yields(queue: Int) async throws {
        try await TestServer.run(configure: {
            ($0.running, $0.queued) = (2, queue)
            $0.batches?.concurrency = 100
        }) { (server: TestServer) async throws in
            let lines = (0..<30).map { line("\($0)", #"{"model": "tiny", "prompt": "x", "n": 2, "max_tokens": 60, "ignore_eos": true}"#) }
            let id = try await server.client.startBatch(lines)
            while server.running == 0 { try await Task.sleep(for: .milliseconds(2)) }
            for _ in 0..<5 {
                let answer = try await server.client.post("/v1/completions", #"{"model": "tiny", "prompt": "y", "max_tokens": 1}"#)
                #expect(answer.status == 200)
                // A line begins when a place is free: with it, the last that is under way may wait for its place, and no other.
                #expect(server.queued <= 3)
            }
            let meanwhile = try await server.client.send("GET", "/v1/batches/\(id)").json()
            #expect(meanwhile["status"]?.text == "in_progress")
            #expect(try await server.client.finishedBatch(id)["request_counts"]?["completed"]?.integer == 30)
        }
    }

    @Test("of two servers that share the folder one runs the batches, the other shows them, and takes over")
    func shared() async throws {
        let folder = try TemporaryDirectory()
        let share: (inout ServerConfiguration) -> Void = { $0.batches = BatchSettings(directory: folder.url.path) }
        let body = #"{"model": "tiny", "prompt": "x", "max_tokens": 1900, "ignore_eos": true}"#
        try await TestServer.run(configure: share) { (second: TestServer) async throws in
            // The first of the two to start is the owner; it is the second to end.
            let id = try await second.client.startBatch([line("a", #"{"model": "tiny", "prompt": "x", "max_tokens": 2}"#)])
            let done = try await second.client.finishedBatch(id)
            try await TestServer.run(configure: share) { (other: TestServer) async throws in
                #expect(try await other.client.send("GET", "/v1/batches/\(id)").json() == done)
                #expect(try await other.client.results(done["output_file_id"]).count == 1)
                #expect(try await other.client.form([("purpose", nil, "batch"), ("file", "a", "x")]).status == 421)
                #expect(try await other.client.post("/v1/batches", "{}").status == 421)
                #expect(try await other.client.send("DELETE", "/v1/files/\(done["input_file_id"]?.text ?? "")").status == 421)
                let long = try await second.client.startBatch((0..<4).map { line("\($0)", body) })
                #expect(try await other.client.send("POST", "/v1/batches/\(long)/cancel").status == 421)
                await second.application.drain()
                // What had begun was let finish or is begun again; either way each is answered once.
                let taken = try await other.client.finishedBatch(long)
                let results = try await other.client.results(taken["output_file_id"])
                #expect(taken["status"]?.text == "completed" && results.count == 4)
                #expect(Set(results.compactMap { $0["custom_id"]?.text }).count == 4)
            }
        }
    }

    @Test("a server that drains lets another have files and batches while its streams go on")
    func handsOver() async throws {
        let folder = try TemporaryDirectory()
        let share: (inout ServerConfiguration) -> Void = {
            $0.batches = BatchSettings(directory: folder.url.path)
            ($0.drainIdleTime, $0.drainTime) = (.seconds(60), .seconds(60))
        }
        try await TestServer.run(configure: share) { (first: TestServer) async throws in
            try await TestServer.run(configure: share) { (second: TestServer) async throws in
                #expect(try await second.client.post("/v1/batches", "{}").status == 421)
                // Nobody reads it, so it does not end.
                let body =
                    #"{"model": "tiny", "prompt": "x", "max_tokens": 1900, "ignore_eos": true, "stream": true, "n": 8, "logprobs": 20}"#
                let stream = try await first.client.open("POST", "/v1/completions", body: Array(body.utf8))
                while first.running == 0 { try await Task.sleep(for: .milliseconds(2)) }
                let drain = Task { await first.application.drain() }
                for _ in 0..<200 where try await second.client.post("/v1/batches", "{}").status == 421 {
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(try await second.client.post("/v1/batches", "{}").status == 400)
                #expect(first.running > 0)
                stream.close()
                await drain.value
            }
        }
    }

    @Test("a server that drains changes files and batches still for clients that held a connection open")
    func keptConnection() async throws {
        try await TestServer.run(configure: { $0.drainIdleTime = .seconds(3) }) { (server: TestServer) async throws in
            // Nobody reads it, so it does not end.
            let body = #"{"model": "tiny", "prompt": "x", "max_tokens": 1900, "ignore_eos": true, "stream": true, "n": 8, "logprobs": 20}"#
            let stream = try await server.client.open("POST", "/v1/completions", body: Array(body.utf8))
            let kept = try TestConnection(port: server.client.port)
            try await kept.write(Array("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
            _ = try await kept.read(until: "\r\n\r\n")
            let drain = Task { await server.application.drain() }
            while !server.application.pool.status.isDraining { try await Task.sleep(for: .milliseconds(2)) }
            try await Task.sleep(for: .milliseconds(500))
            try await kept.write(Array("POST /v1/batches HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}".utf8))
            let answers = try await kept.read(until: "input_file_id")
            #expect(answers.contains("HTTP/1.1 400"), "\(answers)")
            stream.close()
            await drain.value
        }
    }

    @Test("where the folder cannot be looked into nothing is taken for missing")
    func unreadableFolder() async throws {
        let folder = try TemporaryDirectory()
        let path = folder.url.appendingPathComponent("batches").path
        try await TestServer.run(configure: { $0.batches = BatchSettings(directory: path) }) { (server: TestServer) async throws in
            try FileManager.default.moveItem(atPath: path, toPath: "\(path).aside")
            try Data().write(to: URL(fileURLWithPath: path))
            #expect(try await server.client.send("GET", "/v1/batches").status == 500)
            #expect(try await server.client.send("GET", "/v1/files").status == 500)
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.moveItem(atPath: "\(path).aside", toPath: path)
            #expect(try await server.client.send("GET", "/v1/batches").status == 200)
            #expect(try await server.client.send("GET", "/v1/files").status == 200)
        }
    }

    @Test("what a killed process left of a batch that it was about to store goes at the next start")
    func leftovers() async throws {
        let folder = try TemporaryDirectory()
        let left = folder.url.appendingPathComponent("batches/batch_00")
        try FileManager.default.createDirectory(at: left, withIntermediateDirectories: true)
        try Data("{".utf8).write(to: left.appendingPathComponent("batch.json.new"))
        // Somebody else's.
        let other = folder.url.appendingPathComponent("batches/notes")
        try Data("x".utf8).write(to: other)
        try await TestServer.run(configure: { $0.batches = BatchSettings(directory: folder.url.path) }) {
            (server: TestServer) async throws in
            #expect(try await server.client.send("GET", "/v1/batches").status == 200)
            #expect(!FileManager.default.fileExists(atPath: left.path) && FileManager.default.fileExists(atPath: other.path))
        }
    }

    /// Starts a batch on a server without time to drain, which ends once `isReady` returns.
    ///
    /// - Returns: the batch's id.
    private func interruptedBatch(
        _ lines: [String],
        _ share: (inout ServerConfiguration) -> Void,
        when isReady: (TestServer, String) async throws -> Void
    ) async throws -> String {
        var id = ""
        try await TestServer.run(configure: {
            share(&$0)
            $0.drainTime = .zero
        }) { (server: TestServer) async throws in
            id = try await server.client.startBatch(lines)
            try await isReady(server, id)
        }
        return id
    }

    @Test("a drain does not wait for a batch's input to be read; it is read after the next start")
    func endsWhileReading() async throws {
        let folder = try TemporaryDirectory()
        let share: (inout ServerConfiguration) -> Void = { $0.batches = BatchSettings(directory: folder.url.path) }
        // The last line is wrong, so that no answer is made.
        let lines = (0..<30_000).map { line("\($0)", #"{"model": "tiny", "prompt": "\#(String(repeating: "x", count: 300))"}"#) } + ["{"]
        var id = ""
        try await TestServer.run(configure: share) { (server: TestServer) async throws in
            id = try await server.client.startBatch(lines)
        }
        let document = try Data(contentsOf: folder.url.appendingPathComponent("batches/\(id)/batch.json"))
        #expect(try JSONParser.parse([UInt8](document))["status"]?.text == "validating")
        try await TestServer.run(configure: share) { [id] (server: TestServer) async throws in
            #expect(try await server.client.finishedBatch(id)["status"]?.text == "failed")
        }
    }

    @Test("a result that the disk lost is answered again, and is not among the results")
    func lostResult() async throws {
        let folder = try TemporaryDirectory()
        let share: (inout ServerConfiguration) -> Void = {
            $0.batches = BatchSettings(directory: folder.url.path)
            $0.batches?.concurrency = 1
        }
        func content(_ id: String) -> URL { folder.url.appendingPathComponent("batches/\(id)/output/content") }
        let lines = (0..<6).map {
            line("\($0)", #"{"model": "tiny", "prompt": "x", "max_tokens": \#($0 < 2 ? 2 : 1900), "ignore_eos": true}"#)
        }
        let id = try await interruptedBatch(lines, share) { _, id in
            // They are written one by one, and counted now and then.
            for _ in 0..<3000 where ((try? Data(contentsOf: content(id)))?.count { $0 == 0x0A } ?? 0) < 2 {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        // As a file system leaves a block that was never written.
        var results = try [UInt8](Data(contentsOf: content(id)))
        let end = try #require(results.firstIndex(of: 0x0A))
        results.replaceSubrange(..<end, with: [UInt8](repeating: 0, count: end))
        try Data(results).write(to: content(id))
        try await TestServer.run(configure: share) { (server: TestServer) async throws in
            let batch = try await server.client.finishedBatch(id)
            #expect(batch["status"]?.text == "completed" && batch["request_counts"]?["completed"]?.integer == 6)
            // Lines that are no JSON would throw.
            let results = try await server.client.results(batch["output_file_id"])
            #expect(results.count == 6 && Set(results.compactMap { $0["custom_id"]?.text }).count == 6)
        }
    }

    @Test("a batch whose input is gone when it goes on fails, and is not tried for ever")
    func lostInput() async throws {
        let folder = try TemporaryDirectory()
        let share: (inout ServerConfiguration) -> Void = { $0.batches = BatchSettings(directory: folder.url.path) }
        let long = line("a", #"{"model": "tiny", "prompt": "x", "max_tokens": 1900, "ignore_eos": true}"#)
        let lines = [String](repeating: long, count: 40).enumerated().map { $1.replacing("\"a\"", with: "\"\($0)\"") }
        let id = try await interruptedBatch(lines, share) { server, id in
            let begun = try await server.client.batch(id) { $0["status"]?.text == "in_progress" }
            let input = try #require(begun["input_file_id"]?.text)
            let files = FileManager.default.enumerator(atPath: folder.url.path)?.compactMap { $0 as? String } ?? []
            let content = try #require(files.first { $0.hasSuffix("\(input)/content") })
            try FileManager.default.removeItem(at: folder.url.appendingPathComponent(content))
        }
        try await TestServer.run(configure: share) { (server: TestServer) async throws in
            let batch = try await server.client.finishedBatch(id)
            #expect(batch["status"]?.text == "failed")
            #expect(batch["errors"]?["data"]?[0]?["code"]?.text == "file_not_found")
        }
    }
}

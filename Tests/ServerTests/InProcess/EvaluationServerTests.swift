import Foundation
import Server
import TestSupport
import Testing

@Suite("evaluations over a socket", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct EvaluationServerTests {
    private func lines(_ answer: TestAnswer) throws -> [JSONValue] {
        guard answer.status == 200 else { throw TestFailure(answer.text) }
        return try answer.text.split(separator: "\n").map { try JSONParser.parse(String($0)) }
    }

    private func evaluate(_ server: TestServer, _ input: String, query: String = "") async throws -> [JSONValue] {
        try lines(await server.client.send("POST", "/v1/evaluations\(query)", body: Array(input.utf8)))
    }

    @Test("every line is answered as it would be alone, under its id and number, and a summary comes last")
    func answers() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.upload("up")
            var input = ""
            for index in 0..<12 {
                let control = index % 2 == 0 ? #", "control": {"head": "up", "steps": 5}"# : ""
                input += #"{"id": "q\#(index)", "prompt": "def f\#(index)", "max_tokens": 6, "seed": \#(index)\#(control)}"# + "\n"
            }
            let results = try await evaluate(server, input)
            #expect(results.count == 13)
            for result in results.dropLast() {
                let line = try #require(result["line"]?.integer)
                #expect(result["id"]?.text == "q\(line - 1)")
                let control = line % 2 == 1 ? #", "control": {"head": "up", "steps": 5}"# : ""
                let alone = try await server.client.post(
                    "/v1/completions",
                    #"{"model": "tiny", "prompt": "def f\#(line - 1)", "max_tokens": 6, "seed": \#(line - 1)\#(control)}"#
                ).json()
                #expect(result["text"] == alone["choices"]?[0]?["text"])
                #expect(result["finish_reason"] == alone["choices"]?[0]?["finish_reason"])
                #expect(result["usage"]?["completion_tokens"] == alone["usage"]?["completion_tokens"])
                #expect(result["control"]?["value_before"] == alone["control"]?["value_before"])
                #expect(result["base"] == .null)
            }
            #expect(Set(results.dropLast().compactMap { $0["line"]?.integer }) == Set(1...12))
            let summary = try #require(results.last?["summary"])
            #expect(summary["lines"]?.integer == 12 && summary["errors"]?.integer == 0 && summary["answers"]?.integer == 12)
            let tokens = results.dropLast().compactMap { $0["usage"]?["completion_tokens"]?.integer }.reduce(0, +)
            #expect(summary["usage"]?["completion_tokens"]?.integer == tokens)
            #expect(summary["control"]?["up@1"]?["tokens"]?.integer ?? 0 > 0)
            #expect(summary["tokens_per_second"]?.double ?? 0 > 0)
        }
    }

    @Test("a bad line is answered in its place with its number, and the others are not disturbed")
    func badLines() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let input = """
                {"id": 1, "prompt": "x", "max_tokens": 2}
                {"id": 2, "prompt": "x"

                [1]\r
                {"id": 5}
                {"id": 6, "prompt": "x", "messages": []}
                {"id": 7, "prompt": "x", "n": 2}
                {"id": 8, "prompt": "x", "control": {"head": "nobody"}}
                {"id": 9, "prompt": "x", "temperature": 9}
                {"id": 10, "prompt": ["x", "y"]}
                {"id": {"any": ["json"]}, "prompt": "x", "max_tokens": 1, "response_format": {"type": "json_object"}}
                {"id": 12, "prompt": "x", "stream": true}
                {"id": 13, "prompt": "x", "max_tokens": 2, "model": "tiny"}
                {"id": 123456789012345678901, "prompt": "x", "max_tokens": 2}
                {"id": [\(String(repeating: "1,", count: 600))1], "prompt": "x", "max_tokens": 2}
                """
            let results = try await evaluate(server, input)
            func result(_ line: Int) -> JSONValue? { results.first { $0["line"]?.integer == line } }
            #expect(results.count == 15)
            for line in [1, 13] { #expect(result(line)?["text"] != nil && result(line)?["id"]?.integer == line) }
            #expect(result(3) == nil)
            let parameters: [(Int, String?)] = [
                (2, nil), (4, nil), (5, "prompt"), (6, "messages"), (7, "n"), (8, "control.head"), (9, "temperature"), (10, "prompt"),
                (11, "max_tokens"), (12, "stream"), (14, "id"), (15, "id"),
            ]
            for (line, parameter) in parameters {
                let error = try #require(result(line)?["error"], "line \(line)")
                #expect(error["param"]?.text == parameter, "line \(line)")
                #expect(error["message"]?.text?.isEmpty == false)
            }
            #expect(result(2)?["id"] == .null && result(11)?["id"]?["any"]?[0]?.text == "json")
            #expect(results.last?["summary"]?["errors"]?.integer == 12 && results.last?["summary"]?["lines"]?.integer == 14)
        }
    }

    @Test("compare=base answers each prompt plain as well, and counts who won by value")
    func comparison() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.upload("up")
            let input =
                (0..<8).map {
                    #"{"id": \#($0), "prompt": "def \#($0)", "max_tokens": 8, "seed": \#($0), "control": {"head": "up", "steps": 20, "step_size": 2, "trace": true}}"#
                }.joined(separator: "\n") + "\n" + #"{"id": "plain", "prompt": "x", "max_tokens": 2}"#
            let results = try await evaluate(server, input, query: "?compare=base")
            var (wins, ties) = (0, 0)
            for result in results.dropLast() where result["id"]?.text != "plain" {
                let id = try #require(result["id"]?.integer)
                let plain = try await server.client.post(
                    "/v1/completions",
                    #"{"model": "tiny", "prompt": "def \#(id)", "max_tokens": 8, "seed": \#(id)}"#
                ).json()
                #expect(result["base"]?["text"] == plain["choices"]?[0]?["text"])
                let (value, base) = (
                    try #require(result["control"]?["value_before"]?.double), try #require(result["base"]?["value"]?.double)
                )
                if value > base { wins += 1 } else if value == base { ties += 1 }
                #expect(result["control_trace"]?.elements.count == result["usage"]?["completion_tokens"]?.integer)
            }
            #expect(results.first { $0["id"]?.text == "plain" }?["base"] == .null)
            let entry = try #require(results.last?["summary"]?["control"]?["up@1"])
            #expect(entry["wins"]?.integer == wins && entry["ties"]?.integer == ties)
            #expect(entry["losses"]?.integer == 8 - wins - ties)
            #expect(abs((entry["win_rate"]?.double ?? 9) - (Double(wins) + Double(ties) / 2) / 8) < 1e-6)
            #expect(results.last?["summary"]?["base"]?["answers"]?.integer == 8)
            #expect(try await server.client.send("POST", "/v1/evaluations?compare=other", body: [0x0A]).status == 400)
        }
    }

    @Test("without a line there is a summary of nothing")
    func empty() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let results = try await evaluate(server, "\n\n")
            #expect(results.count == 1 && results[0]["summary"]?["lines"]?.integer == 0)
        }
    }

    @Test("results come while lines are still being sent, to clients that wait to be told to send, too")
    func fullDuplex() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let connection = try TestConnection(port: server.client.port)
            defer { connection.close() }
            let head =
                "POST /v1/evaluations HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
            try await connection.write(Array(head.utf8))
            #expect(try await connection.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100"))
            func send(_ text: String) async throws {
                try await connection.write(Array("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n".utf8))
            }
            for index in 0..<3 {
                // A line in two pieces, whose end comes with the next one.
                try await send(#"{"id": "a\#(index)", "prompt": "x", "#)
                try await send(#""max_tokens": 2}"# + "\n")
                _ = try await connection.read(until: #""id":"a\#(index)""#)
            }
            try await connection.write(Array("0\r\n\r\n".utf8))
            #expect(try await connection.read(until: "summary").contains(#""lines":3"#))
        }
    }

    /// A connection on which an evaluation has begun, for a client that sends chunks.
    private func begin(_ server: TestServer) async throws -> TestConnection {
        let connection = try TestConnection(port: server.client.port)
        let head = "POST /v1/evaluations HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        try await connection.write(Array(head.utf8))
        return connection
    }

    private func chunk(_ line: String) -> [UInt8] {
        Array("\(String(line.utf8.count + 1, radix: 16))\r\n\(line)\n\r\n".utf8)
    }

    @Test("a client that waits for nothing and sends nothing is not waited for, however long one with lines under way may take")
    func idle() async throws {
        try await TestServer.run(configure: { $0.bodyTimeout = .seconds(1) }) { (server: TestServer) async throws in
            let connection = try await begin(server)
            defer { connection.close() }
            try await connection.write(chunk(#"{"id": "long", "prompt": "x", "max_tokens": 1900, "ignore_eos": true}"#))
            let result = try await connection.read(until: "\"usage\"")
            #expect(result.contains(#""id":"long""#) && !result.contains("summary"))
            let rest = try await connection.read(until: #""summary":{"lines":1"#)
            #expect(rest.contains("could not be read on") && rest.contains("in time"))
        }
    }

    @Test("a server that shuts down answers the lines under way, says why it answers no more, and sums up")
    func draining() async throws {
        try await TestServer.run(configure: { $0.drainTime = .seconds(30) }) { (server: TestServer) async throws in
            let connection = try await begin(server)
            defer { connection.close() }
            // At once, and long: none may have ended before the last begins.
            let lines = (0..<3).map { chunk(#"{"id": "l\#($0)", "prompt": "x", "max_tokens": 1500, "ignore_eos": true}"#) }
            try await connection.write(Array(lines.joined()))
            for _ in 0..<5000 where server.running < 3 { try await Task.sleep(for: .milliseconds(2)) }
            #expect(server.running == 3)
            async let drained: Void = server.application.drain()
            while !server.application.pool.status.isDraining { try await Task.sleep(for: .milliseconds(2)) }
            try await connection.write(chunk(#"{"id": "late", "prompt": "x"}"#))
            let answer = try await connection.read(until: #""summary":{"lines":3,"errors":0"#)
            for id in 0..<3 { #expect(answer.contains("\"id\":\"l\(id)\"")) }
            #expect(answer.contains("shutting down") && !answer.contains("late"))
            await drained
        }
    }

    @Test("a worker that fails costs no line its answer")
    func workerFailure() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let input = (0..<6).map { #"{"id": \#($0), "prompt": "x", "max_tokens": 500, "ignore_eos": true, "seed": \#($0)}"# }
            async let results = evaluate(server, input.joined(separator: "\n"))
            while server.running == 0 { try await Task.sleep(for: .milliseconds(2)) }
            server.application.pool.injectFailure("a test", model: "tiny", worker: 0)
            let answers = try await results
            #expect(answers.count == 7 && answers.last?["summary"]?["errors"]?.integer == 0)
            #expect(answers.dropLast().allSatisfy { $0["usage"]?["completion_tokens"]?.integer == 500 })
            #expect(server.application.pool.statistics.models[0].statistics.workerFailures == 1)
        }
    }

    @Test("many lines pass through a small window, whatever the queue holds, and more than a body may have")
    func long() async throws {
        try await TestServer.run(configure: { ($0.running, $0.queued, $0.limits.bodyBytes) = (2, 1, 4096) }) {
            (server: TestServer) async throws in
            let padding = String(repeating: " ", count: 1000)
            let input = (0..<300).map { #"{"id": \#($0), "prompt": "x", "max_tokens": 1\#(padding)}"# }.joined(separator: "\n")
            let results = try await evaluate(server, input + "\n" + #"{"id": "\#(String(repeating: "x", count: 5000))"}"#)
            #expect(results.count == 302)
            #expect(results.filter { $0["text"] != nil }.count == 300)
            #expect(results.first { $0["line"]?.integer == 301 }?["error"]?["code"]?.text == "line_too_long")
        }
    }

    @Test("a client that leaves ends its evaluation")
    func leaving() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let input = (0..<40).map { #"{"id": \#($0), "prompt": "x", "max_tokens": 1500, "ignore_eos": true}"# }.joined(separator: "\n")
            let connection = try await server.client.open("POST", "/v1/evaluations", body: Array(input.utf8))
            while server.running == 0 { try await Task.sleep(for: .milliseconds(5)) }
            connection.close()
            for _ in 0..<1000 where server.running + server.queued > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(server.running + server.queued == 0)
        }
    }
}

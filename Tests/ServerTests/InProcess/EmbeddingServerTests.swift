import Foundation
import Server
import TestSupport
import Testing

@Suite("embeddings over a socket", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct EmbeddingServerTests {
    private func vectors(_ answer: TestAnswer) throws -> [[Double]] {
        let json = try answer.json()
        guard answer.status == 200 else { throw TestFailure(answer.text) }
        return (json["data"]?.elements ?? []).map { ($0["embedding"]?.elements ?? []).compactMap(\.double) }
    }

    private func post(_ server: TestServer, _ fields: String) async throws -> TestAnswer {
        try await server.client.post("/v1/embeddings", #"{"model": "tiny", \#(fields)}"#)
    }

    @Test("each text gets a vector of length 1 and of the model's width, in order, with the tokens counted")
    func layout() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let answer = try await post(server, #""input": ["def f", "x", [5, 6, 7]]"#)
            let all = try vectors(answer)
            #expect(all.map(\.count) == [64, 64, 64])
            for vector in all { #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5) }
            let json = try answer.json()
            #expect(json["object"]?.text == "list" && json["model"]?.text == "tiny")
            #expect(json["data"]?.elements.compactMap { $0["index"]?.integer } == [0, 1, 2])
            #expect(json["usage"]?["prompt_tokens"] == json["usage"]?["total_tokens"])
            #expect(try vectors(await post(server, #""input": [5, 6, 7]"#)) == [all[2]])
        }
    }

    @Test("the mean is that of the states a request can capture; the last is the last of them; a cached prefix changes nothing")
    func pooling() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let tokens = Array(5..<45)
            // The last position's state of every beginning of the text, as captured with a token generated behind it.
            var states: [[Double]] = []
            for count in 1...tokens.count {
                let json = try await server.client.post(
                    "/v1/completions",
                    #"{"model": "tiny", "prompt": \#(Array(tokens[..<count])), "max_tokens": 1, "ignore_eos": true, "capture": {"to": 1}}"#
                ).json()
                let data = try #require(Data(base64Encoded: json["choices"]?[0]?["capture"]?["data"]?.text ?? ""))
                let halves = stride(from: 0, to: data.count, by: 2).map { UInt16(data[$0]) | UInt16(data[$0 + 1]) << 8 }
                states.append(halves.map { Double(Self.single($0)) })
            }
            func unit(_ vector: [Double]) -> [Double] {
                let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
                return vector.map { $0 / length }
            }
            let mean = unit((0..<64).map { place in states.reduce(0) { $0 + $1[place] } })
            for (name, expected) in [("mean", mean), ("last", unit(states[tokens.count - 1]))] {
                let found = try vectors(await post(server, #""input": \#(tokens), "pooling": "\#(name)""#))[0]
                for (a, b) in zip(found, expected) { #expect(abs(a - b) < 2e-3, "\(name)") }
            }
        }
    }

    @Test("base64 holds the same numbers, and dimensions are the first ones, scaled again")
    func encodings() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let plain = try vectors(await post(server, #""input": "def f""#))[0]
            let json = try await post(server, #""input": "def f", "encoding_format": "base64""#).json()
            let data = try #require(Data(base64Encoded: json["data"]?[0]?["embedding"]?.text ?? ""))
            let floats = stride(from: 0, to: data.count, by: 4).map { place in
                Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(data[place + $1]) << UInt32(8 * $1) })
            }
            #expect(floats.map(Double.init) == plain.map { Double(Float($0)) })
            let short = try vectors(await post(server, #""input": "def f", "dimensions": 8"#))[0]
            let length = plain.prefix(8).reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(short.count == 8)
            for (a, b) in zip(short, plain) { #expect(abs(a - b / length) < 1e-5) }
        }
    }

    @Test("many texts do not overrun the queue")
    func many() async throws {
        try await TestServer.run(configure: { ($0.running, $0.queued) = (2, 2) }) { (server: TestServer) async throws in
            let inputs = (0..<60).map { "[\($0 + 3), 4]" }.joined(separator: ",")
            #expect(try vectors(await post(server, #""input": [\#(inputs)]"#)).count == 60)
        }
    }

    @Test(
        "what cannot be embedded is refused by name",
        arguments: [
            (#""input": """#, "input"), (#""input": []"#, "input"), (#""input": [[]]"#, "input"), (#""input": 1"#, "input"),
            (#""input": "x", "dimensions": 65"#, "dimensions"),
            (#""input": "x", "dimensions": 0"#, "dimensions"), (#""input": "x", "encoding_format": "hex""#, "encoding_format"),
            (#""input": "x", "pooling": "max""#, "pooling"),
            (#""input": [99999999]"#, "input"), (#""x": 1"#, "input"),
        ]
    )
    func refusals(_ fields: String, _ parameter: String) async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let answer = try await post(server, fields)
            #expect(answer.status == 400)
            #expect(try answer.json()["error"]?["param"]?.text == parameter)
        }
    }

    private static func single(_ half: UInt16) -> Float {
        let (sign, exponent, fraction) = (half >> 15, Int(half >> 10 & 31), Float(half & 1023))
        let size = exponent == 0 ? fraction * 0x1p-24 : (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
        return sign == 0 ? size : -size
    }
}

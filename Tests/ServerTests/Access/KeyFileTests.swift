import Server
import Testing

@Suite("files of API keys")
struct KeyFileTests {
    private static let hash = "sha256:0001020304050607:" + String(repeating: "0", count: 64)

    @Test("every member is read, and what is left out is no limit")
    func members() throws {
        let keys = try KeyFile.keys(
            """
            alice:
              hash: \(Self.hash)
              requests_per_minute: 60
              tokens_per_minute: 1000
              concurrent_requests: 0
              models: [a, "1.0"]
              heads: []
            # A name that YAML would take for a number.
            007: {hash: "\(Self.hash)"}
            """,
            path: "keys.yaml"
        )
        #expect(keys.map(\.name) == ["alice", "007"])
        #expect(keys[0].requestsPerMinute == 60 && keys[0].tokensPerMinute == 1000 && keys[0].concurrentRequests == nil)
        #expect(keys[0].models == ["a", "1.0"] && keys[0].heads == [])
        #expect(keys[0].allows(model: "1.0") && !keys[0].allows(model: "b") && !keys[0].allows(head: "a"))
        #expect(keys[1].models == nil && keys[1].allows(model: "b") && keys[1].allows(head: "a"))
    }

    @Test("an entry that is written is read as it was", arguments: [nil, [], ["a", "b \"quoted\"\n"]] as [[String]?])
    func entries(names: [String]?) throws {
        let key = try APIKey.make("alice") { key in
            (key.requestsPerMinute, key.tokensPerMinute, key.concurrentRequests) = (1, 2, 3)
            (key.models, key.heads) = (names, names)
        }
        let plain = try APIKey.make("bob")
        #expect(try KeyFile.keys(KeyFile.entry(of: key) + KeyFile.entry(of: plain), path: "keys.yaml") == [key, plain])
    }

    @Test("a file without keys asks for one that nobody has", arguments: ["", "# none yet\n", "~\n"])
    func empty(text: String) throws {
        #expect(try KeyFile.keys(text, path: "keys.yaml").isEmpty)
    }

    @Test(
        "what is wrong is told by its place, and what may be a key itself is not shown",
        arguments: [
            ("- a", "keys.yaml"), ("a b: {}", "letters"), ("é: {}", "letters"), ("sk-rudder-s3cret: {}", "keys.yaml"),
            ("a: {sk-s3cret: x}", "a.…"), ("a:\n  hash: s3cret: x", "line 2"), ("a: x", "'a'"), ("a: {}", "a.hash"),
            ("a: {hash: s3cret}", "a.hash"),
            ("a: {hash: HASH, model: x}", "a.models"), ("a: {hash: HASH, models: x}", "a.models"),
            ("a: {hash: HASH, models: [[]]}", "a.models"),
            ("a: {hash: HASH, requests_per_minute: -1}", "a.requests_per_minute"),
            ("a: {hash: HASH, tokens_per_minute: 1e3}", "a.tokens_per_minute"),
            ("a: {hash: HASH, concurrent_requests: 1000000001}", "a.concurrent_requests"), ("a: {hash: HASH}\na: {hash: HASH}", "a"),
            ("a: [", "keys.yaml"),
        ]
    )
    func refusals(text: String, place: String) {
        let text = text.replacing("HASH", with: "\"\(Self.hash)\"")
        let error = #expect(throws: ConfigurationError.self) { try KeyFile.keys(text, path: "keys.yaml") }
        #expect(error?.description.contains(place) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("s3cret") == false)
    }
}

import HTTPTypes
import Server
import Testing

@Suite("pages of other sites")
struct OriginPolicyTests {
    private static func request(_ method: HTTPRequest.Method, _ fields: [(String, String)]) throws -> HTTPRequest {
        var request = HTTPRequest(method: method, scheme: "http", authority: "127.0.0.1:8080", path: "/v1/completions")
        for (name, value) in fields { request.headerFields.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value)) }
        return request
    }

    @Test(
        "a request that a page of another site made a browser send is refused where it makes work",
        arguments: [
            ([], false), ([("Origin", "http://127.0.0.1:8080")], false), ([("Origin", "HTTP://127.0.0.1:8080")], false),
            ([("Origin", "http://127.0.0.1:3000")], true), ([("Origin", "https://evil.example.com")], true), ([("Origin", "null")], true),
            ([("Origin", "file://")], true), ([("Origin", "https://evil.example.com/127.0.0.1:8080")], true),
            ([("Origin", "https://good.example.com")], false), ([("Origin", "https://GOOD.example.com")], false),
            ([("Origin", "http://good.example.com")], true), ([("Origin", "https://good.example.com.evil.com")], true),
            // Only with a permission, or by no browser.
            ([("Origin", "https://evil.example.com"), ("Authorization", "Bearer none")], false),
            // A browser adds the password for a proxy by itself.
            ([("Origin", "https://evil.example.com"), ("Authorization", "Basic YTpi")], true),
            ([("Sec-Fetch-Site", "cross-site"), ("Authorization", "Negotiate YTpi")], true),
            // Behind a proxy that names another host.
            ([("Origin", "https://rudder.example.com"), ("X-Forwarded-Host", "rudder.example.com")], false),
            ([("Origin", "https://rudder.example.com"), ("Sec-Fetch-Site", "same-origin")], false),
            ([("Sec-Fetch-Site", "none")], false), ([("Sec-Fetch-Site", "cross-site")], true), ([("Sec-Fetch-Site", "same-site")], true),
            ([("Origin", "https://good.example.com"), ("Sec-Fetch-Site", "cross-site")], false),
        ] as [([(String, String)], Bool)]
    )
    func refusals(fields: [(String, String)], isRefused: Bool) throws {
        let policy = OriginPolicy(origins: ["https://good.example.com"])
        for method in [HTTPRequest.Method.post, .put, .delete] {
            #expect(policy.refuses(try Self.request(method, fields)) == isRefused, "\(method) \(fields)")
        }
        for method in [HTTPRequest.Method.get, .head, .options] { #expect(!policy.refuses(try Self.request(method, fields)), "\(method)") }
        #expect(!OriginPolicy(origins: ["*"]).refuses(try Self.request(.post, fields.filter { $0.0 == "Origin" })), "\(fields)")
    }

    @Test(
        "origins are a scheme and an authority",
        arguments: [
            ("", []), ("*", ["*"]), ("null", ["null"]), ("https://a.example.com, http://b:81", ["https://a.example.com", "http://b:81"]),
            ("app://obsidian.md", ["app://obsidian.md"]), ("a.example.com", nil), ("https://", nil), ("://a", nil), ("https://a/b", nil),
            ("https://a?b", nil),
        ] as [(String, [String]?)]
    )
    func reading(text: String, origins: [String]?) {
        #expect(OriginPolicy.origins(text) == origins)
    }
}

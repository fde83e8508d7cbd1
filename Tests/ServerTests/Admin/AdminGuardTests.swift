import HTTPTypes
import Server
import Testing

@Suite("who may use the admin API")
struct AdminGuardTests {
    private static func request(authority: String? = "127.0.0.1:8080", _ fields: [(String, String)] = []) throws -> HTTPRequest {
        var request = HTTPRequest(method: .get, scheme: "http", authority: authority, path: "/admin/v1/heads")
        for (name, value) in fields { request.headerFields.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value)) }
        return request
    }

    @Test(
        "with a token, only its bearer",
        arguments: [
            (nil, 401), ("secret", 401), ("Bearer", 401), ("Bearer ", 401), ("Bearer secre", 401), ("Bearer secrets", 401),
            ("Basic secret", 401),
            ("Bearer secret", nil), ("bearer secret", nil), ("BEARER  secret", nil),
        ] as [(String?, Int?)]
    )
    func token(authorization: String?, status: Int?) throws {
        let request = try Self.request(authorization.map { [("Authorization", $0)] } ?? [])
        let access = try AdminGuard(tokens: [SecretHash(of: "secret")])
        for isLoopback in [true, false] {
            guard let status else {
                try access.check(request, isLoopback: isLoopback)
                continue
            }
            let error = #expect(throws: APIError.self) { try access.check(request, isLoopback: isLoopback) }
            #expect(error?.status.code == status)
            #expect(error?.fields[.wwwAuthenticate] == "Bearer")
        }
    }

    @Test(
        "without a token, this machine by its own names, whatever the bearer",
        arguments: [
            "localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:8080", "localhost:",
        ]
    )
    func local(authority: String) throws {
        try AdminGuard(tokens: []).check(Self.request(authority: authority), isLoopback: true)
        try AdminGuard(tokens: []).check(Self.request(authority: authority, [("Authorization", "Bearer any")]), isLoopback: true)
    }

    @Test(
        "without a token, no other name",
        arguments: [
            nil, "", "example.com", "localhost.example.com", "127.0.0.1.example.com", "evil.com:127.0.0.1", "127.0.0.2", "::1", "[::2]",
            "localhost:80:80",
            "user@localhost", "[::1]x",
        ] as [String?]
    )
    func otherNames(authority: String?) throws {
        let request = try Self.request(authority: authority)
        let error = #expect(throws: APIError.self) { try AdminGuard(tokens: []).check(request, isLoopback: true) }
        #expect(error?.status == .forbidden)
    }

    @Test(
        "without a token, no forwarded request",
        arguments: ["Forwarded", "X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Anything", "Via", "X-Real-IP"]
    )
    func forwarded(name: String) throws {
        let request = try Self.request([(name, "for=1.2.3.4")])
        #expect(throws: APIError.self) { try AdminGuard(tokens: []).check(request, isLoopback: true) }
    }

    @Test("without a token, no page of another site, which a browser of this machine may show")
    func otherOrigins() throws {
        let own = try Self.request([("Origin", "http://127.0.0.1:8080")])
        try AdminGuard(tokens: []).check(own, isLoopback: true)
        let foreign = try Self.request([("Sec-Fetch-Site", "cross-site"), ("Authorization", "Basic YTpi")])
        #expect(throws: APIError.self) { try AdminGuard(tokens: []).check(foreign, isLoopback: true) }
        for origin in ["https://evil.example.com", "null", "http://127.0.0.1:3000"] {
            let request = try Self.request([("Origin", origin), ("Authorization", "Bearer any")])
            #expect(throws: APIError.self) { try AdminGuard(tokens: []).check(request, isLoopback: true) }
        }
    }

    @Test("of several tokens each opens it, whether it was configured itself or as its hash")
    func severalTokens() throws {
        let access = try AdminGuard(tokens: [SecretHash(of: "first"), #require(SecretHash(parsing: SecretHash(of: "second").text))])
        for token in ["first", "second"] {
            try access.check(Self.request([("Authorization", "Bearer \(token)")]), isLoopback: false)
        }
        #expect(throws: APIError.self) { try access.check(Self.request([("Authorization", "Bearer third")]), isLoopback: false) }
    }

    @Test("without a token, no listener but loopback")
    func notLoopback() throws {
        #expect(throws: APIError.self) { try AdminGuard(tokens: []).check(Self.request(), isLoopback: false) }
    }

    @Test("where certificates are asked for none gets in without, and the token is asked for besides where there is one")
    func certificates() throws {
        let request = try Self.request(authority: "example.com")
        for token in ["secret", nil] {
            let access = try AdminGuard(tokens: token.map { try [SecretHash(of: $0)] } ?? [], asksForCertificate: true)
            let error = #expect(throws: APIError.self) { try access.check(request, isLoopback: true) }
            #expect(error?.status.code == 403)
        }
        try AdminGuard(tokens: [], asksForCertificate: true).check(request, isLoopback: false, certificate: "/CN=operator")
        let both = try AdminGuard(tokens: [SecretHash(of: "secret")], asksForCertificate: true)
        #expect(throws: APIError.self) { try both.check(request, isLoopback: false, certificate: "/CN=operator") }
        let bearer = try Self.request(authority: "example.com", [("Authorization", "Bearer secret")])
        try both.check(bearer, isLoopback: false, certificate: "/CN=operator")
        // A certificate that nobody asked for opens nothing.
        #expect(throws: APIError.self) {
            try AdminGuard(tokens: []).check(request, isLoopback: false, certificate: "/CN=operator")
        }
    }
}

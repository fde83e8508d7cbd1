import Server

extension APIKey {
    /// A key of a test: its secret is its name and a suffix.
    static func make(_ name: String, _ change: (inout APIKey) -> Void = { _ in }) throws -> APIKey {
        var key = APIKey(name: name, hash: try SecretHash(of: "\(name)-secret"))
        change(&key)
        return key
    }

    /// The header field that a request by a key of that name has.
    static func field(_ name: String) -> (String, String) {
        ("Authorization", "Bearer \(name)-secret")
    }
}

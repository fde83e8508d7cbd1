import HTTP

extension ServerRequest {
    /// The whole body, at most `limit` bytes as received and as unpacked.
    package func bytes(limit: Int) async throws -> [UInt8] {
        try await body.collect(upTo: limit, unpackedUpTo: limit)
    }

    /// The body as a JSON document. Its Content-Type is no reason to refuse it.
    package func json(limit: Int) async throws -> JSONValue {
        try await JSONParser.parseAside(await bytes(limit: limit))
    }
}

extension ServerRequest {
    /// The value of the first query item of that name; nil where there is none.
    package func queryValue(_ name: String) -> String? {
        query.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// Whether the query has an item of that name, with or without a value.
    package func hasQuery(_ name: String) -> Bool {
        query.contains { $0.name.utf8.elementsEqual(name.utf8) }
    }
}

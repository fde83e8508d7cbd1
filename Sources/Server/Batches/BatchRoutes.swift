import Foundation
import HTTP

/// `/v1/batches`: many requests as one file, answered when there is time, whatever happens to the server meanwhile.
package struct BatchRoutes: RouteGroup {
    private let storage: BatchStorage
    private let runner: BatchRunner
    private let bodyBytes: Int

    /// - Parameter bodyBytes: The largest body of a request.
    package init(storage: BatchStorage, runner: BatchRunner, bodyBytes: Int) {
        self.storage = storage
        self.runner = runner
        self.bodyBytes = bodyBytes
    }

    package var routes: [Route] {
        [
            Route(.post, "/v1/batches") { request in try await create(request) },
            Route(.get, "/v1/batches") { request in try await list(request) },
            Route(.get, "/v1/batches/{id}") { request in try await get(request) },
            Route(.post, "/v1/batches/{id}/cancel") { request in
                .json(.ok, try await runner.cancel(request.parameters["id"] ?? "").document)
            },
        ]
    }

    private func create(_ request: ServerRequest) async throws -> ServerResponse {
        try storage.checkOwner()
        let fields = try JSONFields.body(await request.json(limit: bodyBytes))
        guard let file = try fields.string("input_file_id") else {
            throw APIError.invalid("input_file_id", "You must provide 'input_file_id', the id of an uploaded file.")
        }
        let endpoints = BatchEndpoint.allCases.map(\.rawValue).joined(separator: ", ")
        guard let path = try fields.string("endpoint") else {
            throw APIError.invalid("endpoint", "You must provide 'endpoint', one of \(endpoints).")
        }
        guard let endpoint = BatchEndpoint(rawValue: path) else {
            throw APIError.invalid("endpoint", "'endpoint' must be one of \(endpoints), not '\(path)'.")
        }
        guard let window = try fields.string("completion_window"), window == Batch.window else {
            throw APIError.invalid("completion_window", "'completion_window' must be '\(Batch.window)'.")
        }
        guard fields.value("output_expires_after") == nil else { throw APIError.doNotExpire("output_expires_after") }
        let batch = Batch(
            id: StorageID.new(Batch.prefix),
            endpoint: endpoint,
            inputFile: file,
            metadata: try Self.metadata(fields),
            created: Int(Date().timeIntervalSince1970)
        )
        try await runner.add(batch)
        return .json(.ok, batch.document)
    }

    private static func metadata(_ fields: JSONFields) throws(APIError) -> JSONObject {
        guard let value = fields.value("metadata") else { return JSONObject() }
        guard case .object(let pairs) = value else { throw fields.mismatch("metadata", "an object", value) }
        guard pairs.count <= 16 else { throw .invalid("metadata", "'metadata' must have at most 16 members.") }
        for (name, value) in pairs {
            guard case .string(let text) = value, name.text.unicodeScalars.count <= 64, text.unicodeScalars.count <= 512 else {
                throw .invalid("metadata", "'metadata' must have names of at most 64 characters and strings of at most 512.")
            }
        }
        return pairs
    }

    private func list(_ request: ServerRequest) async throws -> ServerResponse {
        let page = try ListPage(request, limit: 20, of: 100)
        return try page.answer(try await storage.glance { try $0.batches.list() }, place: { ($0.created, $0.id) }) { $0.write(to: &$1) }
    }

    private func get(_ request: ServerRequest) async throws -> ServerResponse {
        let id = request.parameters["id"] ?? ""
        guard let batch = try await storage.read({ try $0.batches.batch(id) }) else { throw BatchStorage.notFound(id) }
        return .json(.ok, batch.document)
    }
}

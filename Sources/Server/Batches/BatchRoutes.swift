import Foundation
import HTTP
import ModelFiles

/// `/v1/batches`: many requests as one file, answered when there is time, whatever happens to the server meanwhile.
package struct BatchRoutes: RouteGroup {
    private let storage: BatchStorage
    private let runner: BatchRunner
    private let limits: Live<RequestLimits>

    /// - Parameter limits: What a request may ask for.
    package init(storage: BatchStorage, runner: BatchRunner, limits: Live<RequestLimits>) {
        self.storage = storage
        self.runner = runner
        self.limits = limits
    }

    package var routes: [Route] {
        [
            Route(.post, "/v1/batches") { request in try await create(request) },
            Route(.get, "/v1/batches") { request in try await list(request) },
            Route(.get, "/v1/batches/{id}") { request in try await get(request) },
            Route(.post, "/v1/batches/{id}/cancel") { request in
                .json(.ok, try await runner.cancel(try await batch(of: request).id).document)
            },
        ]
    }

    private func create(_ request: ServerRequest) async throws -> ServerResponse {
        try storage.checkOwner()
        let fields = try JSONFields.body(await request.json(limit: limits.value.bodyBytes))
        guard let file = try fields.string("input_file_id") else {
            throw APIError.invalid("input_file_id", "You must provide 'input_file_id', the id of an uploaded file.")
        }
        let endpoints = BatchEndpoint.allCases.map(\.rawValue).joined(separator: ", ")
        guard let path = try fields.string("endpoint") else {
            throw APIError.invalid("endpoint", "You must provide 'endpoint', one of \(endpoints).")
        }
        guard let endpoint = BatchEndpoint(rawValue: path.word) else {
            throw APIError.invalid("endpoint", "'endpoint' must be one of \(endpoints), not '\(path.word)'.")
        }
        guard let window = try fields.string("completion_window"), window.word == Batch.window else {
            throw APIError.invalid("completion_window", "'completion_window' must be '\(Batch.window)'.")
        }
        guard fields.value("output_expires_after") == nil else { throw APIError.doNotExpire("output_expires_after") }
        let batch = Batch(
            id: StorageID.new(Batch.prefix),
            endpoint: endpoint,
            inputFile: file,
            metadata: try Self.metadata(fields),
            created: Int(Date().timeIntervalSince1970),
            owner: Caller.current?.key.name
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
        let caller = Caller.current
        return try await storage.glance { storage in
            let batches = storage.batches
            return try page.answer(
                try batches.ids(),
                element: { id in try batches.listed(id).flatMap { caller.mayUse(madeBy: $0.owner) ? $0 : nil } },
                write: { $0.write(to: &$1) }
            )
        }
    }

    private func get(_ request: ServerRequest) async throws -> ServerResponse {
        .json(.ok, try await batch(of: request).document)
    }

    /// The batch that the path names. One of another key is none.
    private func batch(of request: ServerRequest) async throws -> Batch {
        let id = request.parameters["id"] ?? ""
        guard let batch = try await storage.read({ try $0.batches.batch(id) }), Caller.current.mayUse(madeBy: batch.owner) else {
            throw BatchStorage.notFound(id)
        }
        return batch
    }
}

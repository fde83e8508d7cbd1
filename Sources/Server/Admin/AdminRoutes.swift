import Control
import HTTP
import HTTPTypes
import Logging
import ValueRegistry

/// `/admin/v1/heads`: upload, list, download and removal of value functions.
package struct AdminRoutes: RouteGroup {
    private let registry: ValueRegistry
    private let steering: Steering
    private let access: Live<AdminGuard>
    private let limits: Live<RequestLimits>
    private let logger: Logger

    package init(registry: ValueRegistry, steering: Steering, access: Live<AdminGuard>, limits: Live<RequestLimits>, logger: Logger) {
        self.registry = registry
        self.steering = steering
        self.access = access
        self.limits = limits
        self.logger = logger
    }

    package var routes: [Route] {
        [
            guarded(.get, "/admin/v1/heads") { _ in list() },
            guarded(.put, "/admin/v1/heads/{name}") { request in try await put(request) },
            guarded(.get, "/admin/v1/heads/{name}") { request in try await get(request) },
            guarded(.delete, "/admin/v1/heads/{name}") { request in try await remove(request) },
        ]
    }

    /// A route that asks for access before it reads anything.
    private func guarded(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: @escaping @Sendable (ServerRequest) async throws -> ServerResponse
    ) -> Route {
        Route(method, path) { [access] request in
            try access.value.check(request.head, isLoopback: request.isLoopback, certificate: request.clientCertificate)
            return try await body(request)
        }
    }

    private func list() -> ServerResponse {
        .list { writer in
            for head in registry.list() { write(head, to: &writer) }
        }
    }

    private func put(_ request: ServerRequest) async throws -> ServerResponse {
        let name = try name(of: request)
        let bytes = try await request.bytes(limit: limits.value.uploadBytes)
        let result: (description: HeadDescription, isNew: Bool)
        do {
            result = try await registry.put(name: name, bytes: bytes) { [steering] valueFunction in
                try steering.check(valueFunction)
            }
        } catch let error as APIError {
            throw error
        } catch let error as ValueRegistryError where error.isRefusal {
            throw APIError.invalid(nil, "The value function was refused: \(error)", code: "invalid_head")
        }
        logger.info(
            "value function \(result.description.name)@\(result.description.version) was uploaded (sha256 \(result.description.sha256))"
        )
        return .object(result.isNew ? .created : .ok) { writer in
            HeadCard.write(result.description, binding: steering.binding(of: result.description), to: &writer)
        }
    }

    private func get(_ request: ServerRequest) async throws -> ServerResponse {
        let name = try name(of: request)
        let versions = registry.versions(of: name)
        guard let version = try version(of: request) else {
            guard !versions.isEmpty else { throw notFound("name", "'\(name)'") }
            if request.hasQuery("download") { return try await download(HeadReference(name: name, version: nil)) }
            return .list { writer in
                for head in versions { write(head, to: &writer) }
            }
        }
        guard let head = versions.first(where: { $0.version == version }) else {
            throw notFound(versions.isEmpty ? "name" : "version", "'\(name)' of version \(version)")
        }
        if request.hasQuery("download") { return try await download(HeadReference(name: name, version: version)) }
        return .object { HeadCard.write(head, binding: steering.binding(of: head), to: &$0) }
    }

    private func download(_ reference: HeadReference) async throws -> ServerResponse {
        guard let bytes = try await registry.file(reference) else { throw notFound("name", "'\(reference)'") }
        var fields: HTTPFields = [:]
        fields[.contentType] = "application/octet-stream"
        fields[.contentDisposition] = "attachment; filename=\"\(reference.name).safetensors\""
        return ServerResponse(status: .ok, fields: fields, body: .bytes(bytes))
    }

    private func remove(_ request: ServerRequest) async throws -> ServerResponse {
        let name = try name(of: request)
        guard try await registry.remove(name: name) else {
            if !registry.versions(of: name).isEmpty {
                throw APIError.conflict("name", "'\(name)' is bundled with the server and read-only.", code: "head_read_only")
            }
            throw notFound("name", "'\(name)'")
        }
        logger.info("value function \(name) was removed")
        return .object { writer in
            writer.member("name", name)
            writer.member("object", "head")
            writer.member("deleted", true)
        }
    }

    private func write(_ head: HeadDescription, to writer: inout JSONWriter) {
        writer.object { HeadCard.write(head, binding: steering.binding(of: head), to: &$0) }
    }

    /// The name in the path, checked: it becomes a folder's.
    private func name(of request: ServerRequest) throws -> String {
        let text = request.parameters["name"] ?? ""
        let reference: HeadReference
        do {
            reference = try HeadReference(parsing: text)
        } catch {
            throw APIError.invalid("name", "The name in the path is not a value function's: \(error)")
        }
        guard reference.version == nil else {
            throw APIError.invalid(
                "name",
                "The name in the path cannot have a version; versions are counted by the server, and read with ?version=."
            )
        }
        return reference.name
    }

    private func version(of request: ServerRequest) throws -> Int? {
        guard let text = request.queryValue("version") else { return nil }
        guard let version = Int(text), version > 0 else {
            throw APIError.invalid("version", "'version' must be a whole number from 1.")
        }
        return version
    }

    private func notFound(_ parameter: String, _ what: String) -> APIError {
        .notFound(parameter, "There is no value function \(what).", code: "head_not_found")
    }
}

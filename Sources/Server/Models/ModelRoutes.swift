import HTTP
import Inference

/// `GET /v1/models` and `GET /v1/models/{id}`.
package struct ModelRoutes: RouteGroup {
    private let models: [LoadedModel]
    private let created: Int

    /// - Parameters:
    ///   - models: The loaded models.
    ///   - created: When they were loaded, in seconds since 1970.
    package init(models: [LoadedModel], created: Int) {
        self.models = models
        self.created = created
    }

    package var routes: [Route] {
        [
            Route(.get, "/v1/models") { _ in
                .list { writer in
                    for model in models where Caller.current?.key.allows(model: model.id) ?? true {
                        writer.object { write(model, to: &$0) }
                    }
                }
            },
            Route(.get, "/v1/models/{id}") { request in
                let id = request.parameters["id"] ?? ""
                if let key = Caller.current?.key, !key.allows(model: id) { throw APIError.noAccess(toModel: id, key: key) }
                guard let model = models.first(where: { $0.id.utf8.elementsEqual(id.utf8) }) else {
                    throw APIError.notFound("model", "The model '\(id)' does not exist.", code: "model_not_found")
                }
                return .object { write(model, to: &$0) }
            },
        ]
    }

    private func write(_ model: LoadedModel, to writer: inout JSONWriter) {
        writer.member("id", model.id)
        writer.member("object", "model")
        writer.member("created", created)
        writer.member("owned_by", "rudder")
        writer.member("architecture", model.configuration.architecture)
        writer.member("hidden_size", model.configuration.hiddenSize)
        writer.member("context_length", model.contextLength)
        writer.member("sha256", optional: model.sha256)
    }
}

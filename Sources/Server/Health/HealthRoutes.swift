import HTTP
import Inference

/// `GET /health`: the process answers. `GET /ready`: it can take requests; which workers are up.
package struct HealthRoutes: RouteGroup {
    private let pool: WorkerPool

    package init(pool: WorkerPool) {
        self.pool = pool
    }

    package var routes: [Route] {
        [
            Route(.get, "/health") { _ in .object { $0.member("status", "ok") } },
            Route(.get, "/ready") { _ in ready() },
        ]
    }

    private func ready() -> ServerResponse {
        let status = pool.status
        return .object(status.isReady ? .ok : .serviceUnavailable) { writer in
            writer.member("status", status.isDraining ? "draining" : status.isReady ? "ready" : "unavailable")
            writer.name("models")
            writer.array { writer in
                for model in status.models {
                    writer.object { writer in
                        writer.member("id", model.id)
                        writer.member("workers", model.workers)
                        writer.member("up", model.up)
                        writer.member("running", model.running)
                        writer.member("queued", model.queued)
                    }
                }
            }
        }
    }
}

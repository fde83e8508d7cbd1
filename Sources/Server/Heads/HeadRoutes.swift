import HTTP
import ValueRegistry

/// `GET /v1/heads`: what a request's `control` can name.
package struct HeadRoutes: RouteGroup {
    private let registry: ValueRegistry
    private let steering: Steering

    package init(registry: ValueRegistry, steering: Steering) {
        self.registry = registry
        self.steering = steering
    }

    package var routes: [Route] {
        [
            Route(.get, "/v1/heads") { _ in
                .list { writer in
                    for head in registry.list() where Caller.current?.key.allows(head: head.name) ?? true {
                        writer.object { writer in
                            writer.member("id", head.name)
                            writer.member("object", "head")
                            HeadCard.write(head, binding: steering.binding(of: head), to: &writer)
                        }
                    }
                }
            }
        ]
    }
}

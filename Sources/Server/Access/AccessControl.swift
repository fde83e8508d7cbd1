import HTTP
import HTTPTypes
import Synchronization

/// Decides who may use `/v1` and all else that works for clients, and how much of it.
package final class AccessControl: Sendable {
    private struct State {
        /// Nil: anybody may do anything.
        var keys: [APIKey]?
        /// By the key's name.
        var usages: [String: KeyUsage] = [:]
    }

    private let state = Mutex(State())

    /// - Parameter keys: The keys; nil: none is asked for, and an Authorization field is ignored.
    package init(keys: [APIKey]?) {
        replace(keys)
    }

    /// Takes other keys over. What a key of the same name took stays taken; requests under way go on.
    package func replace(_ keys: [APIKey]?) {
        state.withLock { state in
            state.keys = keys
            var usages: [String: KeyUsage] = [:]
            for key in keys ?? [] {
                if let usage = state.usages[key.name] { usage.adopt(key) }
                usages[key.name] = state.usages[key.name] ?? KeyUsage(key)
            }
            state.usages = usages
        }
    }

    /// Whether a key is asked for.
    package var asksForKeys: Bool { state.withLock { $0.keys != nil } }

    /// How many keys there are.
    package var keyCount: Int { state.withLock { $0.keys?.count ?? 0 } }

    /// What each key took, by name.
    package var totals: [(name: String, totals: KeyUsage.Totals)] {
        state.withLock { state in (state.keys ?? []).compactMap { key in state.usages[key.name].map { (key.name, $0.totals) } } }
    }

    /// Who a request is from; nil where no keys are configured.
    ///
    /// - Throws: ``APIError`` of status 401.
    package func caller(of request: HTTPRequest) throws(APIError) -> Caller? {
        let (keys, usages) = state.withLock { ($0.keys, $0.usages) }
        guard let keys else { return nil }
        guard let token = BearerToken.of(request), token.utf8.count <= SecretHash.longest else {
            throw .apiKey(isMissing: request.headerFields[.authorization] == nil)
        }
        // All are compared, so that the time tells nothing of which it is.
        var found: APIKey?
        for key in keys where key.hash.matches(token) { found = found ?? key }
        guard let found, let usage = usages[found.name] else { throw .apiKey(isMissing: false) }
        return Caller(key: found, usage: usage, access: self)
    }

    /// The caller whose key has a name, for work that goes on when its request has ended.
    ///
    /// - Parameter owner: The name; nil for work that was asked for without a key.
    /// - Returns: Nil where no keys are configured.
    /// - Throws: ``APIError`` of status 401, where keys are asked for and there is none of that name.
    package func caller(named owner: String?) throws(APIError) -> Caller? {
        let (keys, usages) = state.withLock { ($0.keys, $0.usages) }
        guard let keys else { return nil }
        guard let owner, let key = keys.first(where: { $0.name.utf8.elementsEqual(owner.utf8) }), let usage = usages[owner] else {
            throw .apiKey(isMissing: false)
        }
        return Caller(key: key, usage: usage, access: self, isBounded: false)
    }

    /// Routes that ask for a key before they read anything, and that count what is done with it. The limits on requests are for those that make work
    /// (POST); whoever has a key may always look.
    package func guarding(_ routes: [Route]) -> [Route] {
        routes.map { route in
            let makesWork = route.method == .post
            return route.wrapped { handler in
                { [self] request in try await answer(request, makesWork: makesWork, handler) }
            }
        }
    }

    private func answer(_ request: ServerRequest, makesWork: Bool, _ handler: Route.Handler) async throws -> ServerResponse {
        guard let caller = try caller(of: request.head) else { return try await handler(request) }
        request.context.note("key", .string(caller.key.name))
        do {
            let lease = makesWork ? try caller.usage.begin() : nil
            var response = try await Caller.$current.withValue(caller) { try await handler(request) }
            caller.usage.rateLimits.add(to: &response.fields)
            if case .stream(let write) = response.body {
                response.body = .stream { writer in
                    defer { lease?.end() }
                    try await Caller.$current.withValue(caller) { try await write(writer) }
                }
            }
            lease.map { lease in if case .bytes = response.body { lease.end() } }
            return response
        } catch var error as APIError {
            caller.usage.rateLimits.add(to: &error.fields)
            throw error
        }
    }
}

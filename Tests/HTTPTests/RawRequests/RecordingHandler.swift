import HTTP
import HTTPTypes
import Synchronization

/// Notes what it understood of each request, and answers with the same text: `POST /p a {X-A: b} [body]`, that is the method, the target, the authority
/// (`-` where there is none), the fields whose names begin with X, and the body; `[!]` where the body cannot be read.
final class RecordingHandler: HTTPHandler {
    private let seen = Mutex<[String]>([])

    var all: [String] {
        seen.withLock { $0 }
    }

    func respond(to request: ServerRequest) async throws -> ServerResponse {
        let head = request.head
        var text = "\(head.method.rawValue) \(head.path ?? "-") \(head.authority ?? "-")"
        let fields = head.headerFields.filter { $0.name.canonicalName.hasPrefix("x") }.map { "\($0.name.rawName): \($0.value)" }
        if !fields.isEmpty { text += " {\(fields.joined(separator: ", "))}" }
        // A handler that reads nothing leaves the body where it is.
        if request.path == "/unread" { return answer(text) }
        do {
            return answer("\(text) [\(String(decoding: try await request.body.collect(), as: UTF8.self))]")
        } catch {
            _ = answer("\(text) [!]")
            throw error
        }
    }

    private func answer(_ text: String) -> ServerResponse {
        seen.withLock { $0.append(text) }
        return ServerResponse(status: .ok, body: .bytes(Array(text.utf8)))
    }
}

import HTTPTypes
import Logging
import Synchronization

/// What goes with a request through all that is done for it: its id, its route, and what handlers note of it for whoever logs the request.
///
/// The server makes it the task's ``current`` while a handler runs and while a streamed body is written, so that a log line or an error finds the id
/// wherever it comes up.
public final class RequestContext: Sendable {
    private struct State {
        var route: String?
        var notes: Logger.Metadata = [:]
    }

    /// The context of the request that the task works on; nil where it works on none.
    @TaskLocal public static var current: RequestContext?

    /// The request's id, which the client is told as X-Request-Id: its own, where it named a sensible one.
    public let id: String
    private let part: Logger.Metadata
    private let state = Mutex(State())

    /// Makes the context of a request with these fields; without any, of work that no request of its own asked for, under a new id.
    public init(fields: HTTPFields = [:]) {
        id = RequestID.make(fields)
        part = [:]
    }

    /// Makes the context of a part of a request's work: its id and route, with notes of its own.
    ///
    /// - Parameter part: what names the part in each of its log lines.
    public init(partOf whole: RequestContext, part: Logger.Metadata) {
        id = whole.id
        self.part = whole.part.merging(part) { $1 }
        route = whole.route
    }

    /// The pattern of the route that the request has, such as `/v1/heads/{name}`, also where that does not answer its method; nil where there is none.
    public internal(set) var route: String? {
        get { state.withLock { $0.route } }
        set { state.withLock { $0.route = newValue } }
    }

    /// Notes something of the request, such as which model it asked for; a later note of the same name replaces it.
    public func note(_ name: String, _ value: Logger.MetadataValue) {
        state.withLock { $0.notes[name] = value }
    }

    /// What was noted.
    public var notes: Logger.Metadata {
        state.withLock { $0.notes }
    }

    /// Gives a logger the id of the request that the task works on, as `request_id`, and what names the part of it.
    public static var metadataProvider: Logger.MetadataProvider {
        Logger.MetadataProvider { current.map { $0.part.merging(["request_id": .string($0.id)]) { $1 } } ?? [:] }
    }
}

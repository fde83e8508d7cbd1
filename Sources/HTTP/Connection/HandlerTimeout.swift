import HTTPTypes

/// A handler has not answered in time.
struct HandlerTimeout: Error, CustomStringConvertible {
    /// The time it had.
    let limit: Duration
    /// Whether it waited for the body.
    let awaitsBody: Bool

    /// Whose fault it is: 408 is for a request that did not come whole in time (RFC 9110 section 15.5.9). Of what came whole, the server was too slow
    /// with the answer (section 15.6.4); 504 would be a gateway's.
    var status: HTTPResponse.Status {
        awaitsBody ? .requestTimeout : .serviceUnavailable
    }

    /// One sentence.
    var description: String {
        awaitsBody ? "\(RequestBodyError.timedOut)" : "the answer was not ready within \(limit)"
    }
}

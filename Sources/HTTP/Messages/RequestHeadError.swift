import HTTPTypes

/// Why a request's head is refused. Nothing after it can be trusted: the connection ends.
struct RequestHeadError: Error, Equatable {
    let status: HTTPResponse.Status
    let reason: String

    init(_ reason: String, status: HTTPResponse.Status = .badRequest) {
        self.status = status
        self.reason = reason
    }
}

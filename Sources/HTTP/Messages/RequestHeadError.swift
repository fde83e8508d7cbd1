import HTTPTypes

/// Why a request's head is refused. Nothing after it can be trusted: the connection ends.
package struct RequestHeadError: Error, Equatable {
    package let status: HTTPResponse.Status
    package let reason: String

    init(_ reason: String, status: HTTPResponse.Status = .badRequest) {
        self.status = status
        self.reason = reason
    }
}

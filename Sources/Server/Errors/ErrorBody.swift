import HTTPTypes

/// The body of an answer that the HTTP layer gives by itself (404, 405, 408, 413, 431, …), in the shape of every other error.
package enum ErrorBody {
    /// - Parameters:
    ///   - status: The status of the answer.
    ///   - message: What the HTTP layer has to say.
    ///   - code: A word for programs; nil: that of the status.
    package static func make(
        _ status: HTTPResponse.Status,
        _ message: String,
        code: String? = nil
    ) -> (contentType: String, body: [UInt8]) {
        let error = APIError(status: status, message: message, type: type(of: status), code: code ?? self.code(of: status))
        return ("application/json", error.body)
    }

    private static func type(of status: HTTPResponse.Status) -> String {
        switch status.code {
        case 429: "requests"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }

    private static func code(of status: HTTPResponse.Status) -> String? {
        switch status.code {
        case 404: "not_found"
        case 405: "method_not_allowed"
        case 408: "request_timeout"
        case 413: "request_too_large"
        case 429: "rate_limit_exceeded"
        case 431: "header_too_large"
        case 500: "internal_error"
        case 503: "service_unavailable"
        default: nil
        }
    }
}

import HTTP
import HTTPTypes

/// A refusal or failure as a client sees it: OpenAI's error object with its HTTP status.
package struct APIError: Error, Sendable, CustomStringConvertible {
    /// The answer's status.
    package var status: HTTPResponse.Status
    /// What was wrong, for a person.
    package var message: String
    /// OpenAI's class of error, such as `invalid_request_error`.
    package var type: String
    /// The request's field at fault.
    package var parameter: String?
    /// A word for programs, such as `model_not_found`.
    package var code: String?
    /// Further header fields, such as Retry-After.
    package var fields: HTTPFields = [:]

    package init(status: HTTPResponse.Status, message: String, type: String, parameter: String? = nil, code: String? = nil) {
        self.status = status
        self.message = message
        self.type = type
        self.parameter = parameter
        self.code = code
    }

    package var description: String { message }

    /// 400: a field has the wrong type or is out of range.
    package static func invalid(_ parameter: String?, _ message: String, code: String? = nil) -> APIError {
        APIError(status: .badRequest, message: message, type: "invalid_request_error", parameter: parameter, code: code)
    }

    /// 401: no key or token came, or a wrong one.
    package static func unauthorized(_ message: String, code: String?) -> APIError {
        var error = APIError(status: .unauthorized, message: message, type: "invalid_request_error", code: code)
        error.fields[.wwwAuthenticate] = "Bearer"
        return error
    }

    /// 403: whoever asks may not do this, whatever the request says.
    package static func forbidden(_ message: String, code: String = "admin_not_available") -> APIError {
        APIError(status: .forbidden, message: message, type: "invalid_request_error", code: code)
    }

    /// 404: no such model, head or version.
    package static func notFound(_ parameter: String?, _ message: String, code: String) -> APIError {
        APIError(status: .notFound, message: message, type: "invalid_request_error", parameter: parameter, code: code)
    }

    /// 409: what is asked for cannot be done to what there is.
    package static func conflict(_ parameter: String?, _ message: String, code: String) -> APIError {
        APIError(status: .conflict, message: message, type: "invalid_request_error", parameter: parameter, code: code)
    }

    /// 429: the queue is full.
    package static func overloaded(retryAfter seconds: Int) -> APIError {
        var error = APIError(
            status: .tooManyRequests,
            message: "The server has as many requests waiting as it takes. Try again in \(seconds) s.",
            type: "requests",
            code: "rate_limit_exceeded"
        )
        error.fields[.retryAfter] = String(seconds)
        return error
    }

    /// 500: the server's own fault. What happened goes to the log, not to the client.
    package static let failed = APIError(
        status: .internalServerError,
        message: "The server failed while it worked on this request.",
        type: "server_error",
        code: "internal_error"
    )

    /// 503: the server is on its way down, or a model has no worker up.
    package static func unavailable(_ message: String) -> APIError {
        var error = APIError(status: .serviceUnavailable, message: message, type: "server_error", code: "service_unavailable")
        error.fields[.retryAfter] = "1"
        return error
    }

    /// The answer's body: `{"error":{"message","type","param","code","request_id"}}`.
    package var body: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// Writes the error as a document, also as an event in the midst of a stream.
    ///
    /// - Parameters:
    ///   - writer: Where to.
    ///   - requestID: The id of the request that failed, by which its lines in the log are found; left out where there is none.
    package func write(to writer: inout JSONWriter, requestID: String? = RequestContext.current?.id) {
        writer.object { writeMember(to: &$0, requestID: requestID) }
    }

    /// Writes the error as the member `error` of a document.
    package func writeMember(to writer: inout JSONWriter, requestID: String? = RequestContext.current?.id) {
        writer.name("error")
        writer.object { writer in
            writer.member("message", message)
            writer.member("type", type)
            writer.member("param", optional: parameter)
            writer.member("code", optional: code)
            if let requestID { writer.member("request_id", requestID) }
        }
    }
}

import HTTP
import HTTPTypes
import Inference
import Logging

/// Turns what a route throws into an answer in OpenAI's shape. Every error becomes one here and nowhere else.
package struct ErrorAnswers: HTTPHandler {
    private let handler: any HTTPHandler
    private let logger: Logger

    /// - Parameters:
    ///   - handler: What answers requests.
    ///   - logger: Told of errors that are the server's own.
    package init(_ handler: any HTTPHandler, logger: Logger) {
        self.handler = handler
        self.logger = logger
    }

    package func respond(to request: ServerRequest) async throws -> ServerResponse {
        do {
            return try await handler.respond(to: request)
        } catch let error as APIError {
            return ServerResponse(error)
        } catch let error as JSONParseError {
            return ServerResponse(APIError.invalid(nil, "The request's body is not the JSON this server reads: \(error)."))
        } catch let error as GenerationError {
            return ServerResponse(APIError(error, logger: logger))
        } catch let error as RouteError {
            var answer = Self.answer(error.status, "\(error)")
            if case .methodNotAllowed(let allowed) = error { answer.fields[.allow] = allowed }
            return answer
        } catch let error as RequestBodyError where error != .disconnected {
            return Self.answer(error.status, "\(error)")
        } catch let error where error is RequestBodyError || error is CancellationError {
            // The client went away, and there is nobody to answer.
            throw error
        } catch {
            logger.error("\(request.head.method.rawValue) \(request.path) failed: \(error)")
            return ServerResponse(APIError(storage: error) ?? .failed)
        }
    }

    /// What the HTTP layer would answer. It is answered here so that whoever adds fields to answers, for pages of other sites, adds them to it, too.
    private static func answer(_ status: HTTPResponse.Status, _ message: String) -> ServerResponse {
        let (type, body) = ErrorBody.make(status, message)
        return ServerResponse(status: status, fields: [.contentType: type], body: .bytes(body))
    }
}

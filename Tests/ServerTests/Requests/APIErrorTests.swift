import Server
import Testing

@Suite("errors in OpenAI's shape")
struct APIErrorTests {
    @Test("an error has message, type, param and code")
    func shape() throws {
        let body = try JSONParser.parse(APIError.invalid("top_p", "\"bad\"\n").body)
        #expect(body["error"]?["message"] == .string("\"bad\"\n"))
        #expect(body["error"]?["type"] == .string("invalid_request_error"))
        #expect(body["error"]?["param"] == .string("top_p"))
        #expect(body["error"]?["code"] == .null)
    }

    @Test("what the HTTP layer refuses by itself has the same shape", arguments: [400, 404, 405, 408, 413, 429, 431, 500, 503])
    func httpErrors(code: Int) throws {
        let (contentType, bytes) = ErrorBody.make(.init(code: code), "why")
        #expect(contentType == "application/json")
        let error = try #require(try JSONParser.parse(bytes)["error"])
        #expect(error["message"] == .string("why"))
        guard case .string = error["type"], error["param"] == .null else { throw TestFailure("type or param is missing") }
    }

    @Test("429 tells when to try again")
    func retryAfter() {
        let error = APIError.overloaded(retryAfter: 3)
        #expect(error.fields[.retryAfter] == "3")
        #expect(error.status == .tooManyRequests)
    }
}

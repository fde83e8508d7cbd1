import Foundation
import HTTP
import Logging
import ModelFiles
import Server
import Testing
import ValueRegistry

@Suite("Errors of the server's own disk")
struct StorageErrorTests {
    @Test(
        "a disk that is full is 507, one that may not be written to and too many open files are 503, and each says so",
        arguments: [
            (ENOSPC, 507, "storage_full", "room"), (EDQUOT, 507, "storage_full", "room"), (EROFS, 503, "storage_read_only", "read-only"),
            (EACCES, 503, "storage_read_only", "read-only"), (EMFILE, 503, "service_unavailable", "too many files"),
            (EIO, 500, "internal_error", "failed"),
        ],
        [true, false]
    )
    func answers(_ expected: (number: Int32, status: Int, code: String, word: String), isOfRegistry: Bool) async throws {
        let error = ModelFileError.system(path: "/a/b", operation: "write", reason: String(cString: strerror(expected.number)))
        var configuration = HTTPServerConfiguration()
        configuration.port = 0
        var logger = Logger(label: "tests")
        logger.logLevel = .critical
        let route = Route(.get, "/fails") { _ -> ServerResponse in
            if isOfRegistry { throw ValueRegistryError.system(error) }
            throw error
        }
        let server = HTTPServer(configuration: configuration, logger: logger, handler: ErrorAnswers(Router([route]), logger: logger))
        let answer = try await TestClient(port: try await server.start().port).send("GET", "/fails")
        #expect(answer.status == expected.status)
        let object = try answer.json()["error"]
        #expect(object?["code"]?.text == expected.code)
        #expect(object?["message"]?.text?.contains(expected.word) == true)
        // What is where on the server is nobody's business.
        #expect(object?["message"]?.text?.contains("/a/b") == false)
        await server.shutdown(timeout: .seconds(1))
    }
}

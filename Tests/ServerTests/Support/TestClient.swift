import Foundation
import Server

/// A client of the tests: one request on a connection of its own, over blocking sockets, sharing nothing with the server's own HTTP code.
struct TestClient: Sendable {
    let port: Int

    /// Sends a request and reads the whole answer.
    func send(_ method: String, _ path: String, fields: [(String, String)] = [], body: [UInt8]? = nil) async throws -> TestAnswer {
        let connection = try await open(method, path, fields: fields, body: body)
        defer { connection.close() }
        return try await connection.answer()
    }

    /// Sends a JSON document and reads the whole answer.
    func post(_ path: String, _ json: String, fields: [(String, String)] = []) async throws -> TestAnswer {
        try await send("POST", path, fields: [("Content-Type", "application/json")] + fields, body: Array(json.utf8))
    }

    /// Sends a request and leaves the reading to the caller.
    func open(_ method: String, _ path: String, fields: [(String, String)] = [], body: [UInt8]? = nil) async throws -> TestConnection {
        var head = "\(method) \(path) HTTP/1.1\r\n"
        if !fields.contains(where: { $0.0.lowercased() == "host" }) { head += "Host: 127.0.0.1:\(port)\r\n" }
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        head += "Connection: close\r\n\r\n"
        let connection = try TestConnection(port: port)
        try await connection.write(Array(head.utf8) + (body ?? []))
        return connection
    }
}

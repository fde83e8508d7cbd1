import Foundation
import Server

extension TestClient {
    /// Uploads a file for a batch and returns its object.
    func uploadFile(_ text: String, name: String = "in.jsonl") async throws -> JSONValue {
        let answer = try await form([("purpose", nil, "batch"), ("file", name, text)])
        guard answer.status == 200 else { throw TestFailure(answer.text) }
        return try answer.json()
    }

    /// Sends a form to `/v1/files`.
    func form(_ parts: [(name: String, filename: String?, content: String)]) async throws -> TestAnswer {
        var body = ""
        for part in parts {
            let filename = part.filename.map { "; filename=\"\($0)\"" } ?? ""
            body += "--b0undary\r\nContent-Disposition: form-data; name=\"\(part.name)\"\(filename)\r\n\r\n\(part.content)\r\n"
        }
        body += "--b0undary--\r\n"
        return try await send(
            "POST",
            "/v1/files",
            fields: [("Content-Type", "multipart/form-data; boundary=b0undary")],
            body: Array(body.utf8)
        )
    }

    /// Uploads lines and makes a batch of them.
    ///
    /// - Returns: its id.
    func startBatch(_ lines: [String], endpoint: String = "/v1/completions") async throws -> String {
        let file = try await uploadFile(lines.joined(separator: "\n"))
        let answer = try await post(
            "/v1/batches",
            #"{"input_file_id": "\#(file["id"]?.text ?? "")", "endpoint": "\#(endpoint)", "completion_window": "24h"}"#
        )
        guard answer.status == 200, let id = try answer.json()["id"]?.text else { throw TestFailure(answer.text) }
        return id
    }

    /// The batch, as soon as it is in a status, or meets a condition.
    func batch(_ id: String, when condition: (JSONValue) -> Bool) async throws -> JSONValue {
        for _ in 0..<3000 {
            let batch = try await send("GET", "/v1/batches/\(id)").json()
            if condition(batch) { return batch }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestFailure("waited in vain: \(try await send("GET", "/v1/batches/\(id)").text)")
    }

    /// The batch once it is in a status that nothing follows.
    func finishedBatch(_ id: String) async throws -> JSONValue {
        try await batch(id) { ["completed", "failed", "cancelled"].contains($0["status"]?.text) }
    }

    /// The lines of a file of results; none where there is no such file.
    func results(_ file: JSONValue?) async throws -> [JSONValue] {
        guard let id = file?.text else { return [] }
        return try await send("GET", "/v1/files/\(id)/content").text.split(separator: "\n").map { try JSONParser.parse(String($0)) }
    }

    /// A line of a batch's input.
    static func line(_ id: String, _ body: String, url: String = "/v1/completions") -> String {
        #"{"custom_id": "\#(id)", "method": "POST", "url": "\#(url)", "body": \#(body)}"#
    }
}

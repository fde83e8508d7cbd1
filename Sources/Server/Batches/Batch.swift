import Foundation

/// A batch: OpenAI's Batch object, which is also how it is stored.
package struct Batch: Sendable {
    package let id: String
    package let endpoint: BatchEndpoint
    package let inputFile: String
    /// Pairs of strings of the client's.
    package let metadata: JSONObject
    /// Seconds since 1970.
    package let created: Int
    /// The name of the API key by which it was made; nil where none was asked for.
    package let owner: String?
    package private(set) var status = BatchStatus.validating
    /// When it came to each status, in seconds since 1970.
    private var times: [BatchStatus: Int] = [:]
    /// What is wrong with its input.
    package var problems: [BatchProblem] = []
    package var counts = BatchCounts()
    /// The file of answers; nil where there is none, or none yet.
    package var outputFile: String?
    /// The file of answers that are errors; nil where there is none, or none yet.
    package var errorFile: String?

    package init(id: String, endpoint: BatchEndpoint, inputFile: String, metadata: JSONObject, created: Int, owner: String? = nil) {
        self.id = id
        self.endpoint = endpoint
        self.inputFile = inputFile
        self.metadata = metadata
        self.created = created
        self.owner = owner
    }

    /// Comes to a status now.
    package mutating func enter(_ status: BatchStatus) {
        self.status = status
        times[status] = Int(Date().timeIntervalSince1970)
    }

    /// What the ids of its lines and files have of its own.
    var key: String { String(id.dropFirst(Self.prefix.count)) }

    /// The id that a file of its results has, or will have.
    func fileID(_ kind: BatchResultKind) -> String {
        "file-\(key)-\(kind.rawValue)"
    }

    /// Whether a file is its input or becomes one of its results.
    func uses(_ file: String) -> Bool {
        ([inputFile] + BatchResultKind.allCases.map(fileID)).contains { $0.utf8.elementsEqual(file.utf8) }
    }

    /// What the id of every batch begins with.
    static let prefix = "batch_"
    /// The only completion window there is. Nothing expires with it: what takes longer goes on.
    static let window = "24h"

    // MARK: JSON

    private static let timed: [(status: BatchStatus, name: String)] = [
        (.inProgress, "in_progress_at"), (.finalizing, "finalizing_at"), (.completed, "completed_at"), (.failed, "failed_at"),
        (.cancelling, "cancelling_at"), (.cancelled, "cancelled_at"),
    ]

    /// Reads what ``document`` wrote; nil for anything else.
    package init?(_ value: JSONValue) {
        guard case .string(let id)? = value["id"], case .string(let path)? = value["endpoint"],
            let endpoint = BatchEndpoint(rawValue: path), case .string(let inputFile)? = value["input_file_id"],
            case .string(let word)? = value["status"], let status = BatchStatus(rawValue: word),
            case .number(let created)? = value["created_at"], let created = created.integer,
            let requests = value["request_counts"], let counts = BatchCounts(requests)
        else { return nil }
        var metadata = JSONObject()
        if case .object(let pairs)? = value["metadata"] { metadata = pairs }
        var owner: String?
        if case .string(let name)? = value["owner"] { owner = name }
        self.init(id: id, endpoint: endpoint, inputFile: inputFile, metadata: metadata, created: created, owner: owner)
        self.status = status
        self.counts = counts
        for (status, name) in Self.timed {
            if case .number(let time)? = value[name] { times[status] = time.integer }
        }
        if case .array(let problems)? = value["errors"]?["data"] { self.problems = problems.compactMap(BatchProblem.init) }
        if case .string(let file)? = value["output_file_id"] { outputFile = file }
        if case .string(let file)? = value["error_file_id"] { errorFile = file }
    }

    /// Writes the object.
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("object", "batch")
            writer.member("endpoint", endpoint.rawValue)
            writer.name("errors")
            if problems.isEmpty {
                writer.null()
            } else {
                writer.object { writer in
                    writer.member("object", "list")
                    writer.name("data")
                    writer.array { writer in
                        for problem in problems { problem.write(to: &writer) }
                    }
                }
            }
            writer.member("input_file_id", inputFile)
            writer.member("completion_window", Self.window)
            writer.member("status", status.rawValue)
            writer.member("output_file_id", optional: outputFile)
            writer.member("error_file_id", optional: errorFile)
            writer.member("created_at", created)
            writer.member("expires_at", optional: nil as Int?)
            for (status, name) in Self.timed { writer.member(name, optional: times[status]) }
            writer.member("expired_at", optional: nil as Int?)
            writer.name("request_counts")
            counts.write(to: &writer)
            writer.name("metadata")
            if metadata.count == 0 { writer.null() } else { writer.value(.object(metadata)) }
            if let owner { writer.member("owner", owner) }
        }
    }

    /// The object as a document.
    package var document: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}

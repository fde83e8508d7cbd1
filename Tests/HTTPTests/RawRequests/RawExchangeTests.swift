import Foundation
import HTTP
import Logging
import Testing

/// Every row goes over a socket to a running server. What a proxy in front could read otherwise than the server must be refused, and nothing that
/// follows on such a connection may be taken for a request (RFC 9112 section 11.2).
@Suite("Raw exchanges", .serialized)
struct RawExchangeTests {
    @Test("request lines", arguments: RequestLineRows.all)
    func requestLines(row: RawExchange) async throws {
        try await check(row)
    }

    @Test("field lines", arguments: FieldLineRows.all)
    func fieldLines(row: RawExchange) async throws {
        try await check(row)
    }

    @Test("hosts", arguments: HostRows.all)
    func hosts(row: RawExchange) async throws {
        try await check(row)
    }

    @Test("Content-Length", arguments: ContentLengthRows.all)
    func contentLengths(row: RawExchange) async throws {
        try await check(row)
    }

    @Test("Transfer-Encoding", arguments: TransferEncodingRows.all)
    func transferEncodings(row: RawExchange) async throws {
        try await check(row)
    }

    @Test("chunks", arguments: ChunkRows.all)
    func chunks(row: RawExchange) async throws {
        try await check(row)
    }

    @Test("trailers", arguments: TrailerRows.all)
    func trailers(row: RawExchange) async throws {
        try await check(row)
    }

    @Test("connections of several requests", arguments: ConnectionRows.all)
    func connections(row: RawExchange) async throws {
        try await check(row)
    }

    @Test("sizes", arguments: SizeRows.all)
    func sizes(row: RawExchange) async throws {
        try await check(row)
    }

    @Test("no two rows are the same")
    func rowsDiffer() {
        let rows = [
            RequestLineRows.all, FieldLineRows.all, HostRows.all, ContentLengthRows.all, TransferEncodingRows.all, ChunkRows.all,
            TrailerRows.all,
            ConnectionRows.all, SizeRows.all,
        ].flatMap(\.self)
        #expect(Set(rows.map(\.name)).count == rows.count)
        #expect(Set(rows.map(\.bytes)).count == rows.count)
    }

    private func check(_ row: RawExchange) async throws {
        var configuration = HTTPServerConfiguration()
        configuration.port = 0
        configuration.bodyBytes = 1 << 20
        let handler = RecordingHandler()
        var logger = Logger(label: "tests")
        logger.logLevel = .critical
        let server = HTTPServer(configuration: configuration, logger: logger, handler: handler)
        let port = try await server.start().port
        let outcome = try await Self.blocking { try Outcome(of: row, port: port) }
        await server.shutdown(timeout: .seconds(1))
        #expect(outcome.answers.map(\.status) == row.answers, "\(outcome.answers.map(\.body))")
        #expect(handler.all.filter { $0 != Outcome.probe } == row.seen)
        // What the answers tell is what the handler understood, in order.
        if row.toHead.isEmpty {
            #expect(outcome.answers.filter { $0.status == 200 }.map(\.body) == row.seen.filter { !$0.hasSuffix("[!]") })
        }
        for (number, answer) in outcome.answers.enumerated() where answer.status >= 200 {
            let isLast = row.ending == .closed && number == row.answers.count - 1
            #expect(answer.fields.contains { $0.name == "connection" && $0.value == "close" } == isLast)
        }
        switch row.ending {
        case .closed: #expect(outcome.rest == "")
        case .open: #expect(outcome.rest == Outcome.probe)
        }
    }

    /// What a client gets to see.
    private struct Outcome: Sendable {
        /// What the handler understands of a request that is sent to see whether the connection is open.
        static let probe = "GET /probe probe []"

        var answers: [AnswerReader.Answer] = []
        /// Of a connection that shall be open the body of one more answer, else all that comes before it is closed.
        let rest: String?

        init(of row: RawExchange, port: Int) throws {
            let client = try RawClient(port: port)
            client.send(row.bytes)
            if row.finishes { client.shutdownWriting() }
            var reader = AnswerReader(client)
            for number in row.answers.indices {
                guard let answer = reader.next(toHead: row.toHead.contains(number)) else { break }
                answers.append(answer)
            }
            switch row.ending {
            case .closed: rest = reader.rest()
            case .open:
                client.send("GET /probe HTTP/1.1\r\nHost: probe\r\n\r\n")
                rest = reader.next()?.body
            }
        }
    }

    /// Runs blocking calls on a thread that the cooperative pool does not wait for.
    private static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}

import Foundation
import HTTP
import HTTPTypes
import Learning
import Server

/// A service that judges: answers are POSTed in batches as `{"items": [{"index", "id", "prompt", "response"}, …]}`, and it answers with
/// `{"rewards": [x, …]}`, or that list alone; each reward a number or `{"reward": x}`.
struct HTTPReward: RewardSource {
    private static let batch = 32
    private let url: String
    private let timeout: Duration

    init(url: String, timeout: Duration) {
        self.url = url
        self.timeout = timeout
    }

    var name: String { url }

    private struct Batch: Encodable {
        let items: [RewardItem]
    }

    func score(_ items: [RewardItem], each: @escaping @Sendable (Int, Double) async throws -> Void) async throws {
        for first in stride(from: 0, to: items.count, by: Self.batch) {
            let part = Array(items[first..<min(first + Self.batch, items.count)])
            for (place, reward) in try await rewards(part).enumerated() { try await each(first + place, reward) }
        }
    }

    private func rewards(_ items: [RewardItem]) async throws -> [Double] {
        let record = items[0].index
        var fields: HTTPFields = [:]
        fields[.contentType] = "application/json"
        let body = Array(try JSONEncoder().encode(Batch(items: items)))
        let answer: HTTPClientResponse
        do {
            answer = try await HTTPClient(timeout: timeout, maximumBytes: 64 << 20).send(.post, url, fields: fields, body: body)
        } catch .cancelled {
            throw CancellationError()
        } catch .timeout(_, let seconds) {
            throw RewardError.timeout(source: name, record: record, seconds: seconds)
        } catch {
            throw RewardError.ended(source: name, record: record, reason: "\(error); is the service up, and is this its address?")
        }
        guard answer.status.kind == .successful else {
            throw RewardError.ended(source: name, record: record, reason: "it answered with status \(answer.status.code); its log says why")
        }
        let document = try? JSONParser.parse(answer.body)
        let list: [JSONValue]
        switch document {
        case .array(let values)?: list = values
        case .object?:
            guard case .array(let values)? = document?["rewards"] else { throw shapeless(record, answer) }
            list = values
        default: throw shapeless(record, answer)
        }
        guard list.count == items.count else {
            throw RewardError.wrongCount(source: name, record: record, expected: items.count, found: list.count)
        }
        return try zip(list, items).map { value, item in
            let number: JSONValue? = if case .object = value { value["reward"] } else { value }
            guard case .number(let found)? = number, found.double.isFinite else {
                throw RewardError.notANumber(source: name, record: item.index, found: "\(value)")
            }
            return found.double
        }
    }

    private func shapeless(_ record: Int, _ answer: HTTPClientResponse) -> RewardError {
        .ended(
            source: name,
            record: record,
            reason: "its answer has no list 'rewards': \(String(decoding: answer.body.prefix(120), as: UTF8.self).debugDescription); "
                + "it must be {\"rewards\": [x, …]}, or that list alone"
        )
    }
}

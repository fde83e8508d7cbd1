import Foundation
import Learning
import Synchronization
import TestSupport
import Testing

@Suite("Labelling rollouts")
struct LabelerTests {
    private let directory: TemporaryDirectory
    private let folder: RolloutFolder

    init() throws {
        directory = try TemporaryDirectory()
        folder = try SyntheticRollouts(path: directory.url.path + "/r", prompts: 5, samples: 2, length: 2).folder
        try FileManager.default.removeItem(atPath: folder.rewardsPath)
    }

    /// Judges with the record's number, and fails at one of them.
    private struct Counting: RewardSource {
        let name = "counting"
        var failsAt: Int?
        let asked = Asked()

        final class Asked: Sendable {
            let indices = Mutex([Int]())
        }

        func score(_ items: [RewardItem], each: @escaping @Sendable (Int, Double) async throws -> Void) async throws {
            for (place, item) in items.enumerated() {
                if item.index == failsAt { throw RewardError.ended(source: name, record: item.index, reason: "for the test") }
                asked.indices.withLock { $0.append(item.index) }
                try await each(place, Double(item.index) / 2)
            }
        }
    }

    @Test("what was labelled before a failure stays, and the next run goes on behind it")
    func resumes() async throws {
        let error = await #expect(throws: RewardError.self) { try await Labeler(folder: folder).run(source: Counting(failsAt: 4)) }
        #expect("\(try #require(error))".contains("record 4"))
        #expect(try Labeler.rewards(path: folder.rewardsPath).rewards == [0, 0.5, 1, 1.5])
        let source = Counting()
        try await Labeler(folder: folder).run(source: source)
        #expect(source.asked.indices.withLock { $0 } == [4, 5, 6, 7, 8, 9])
        let found = try Labeler.rewards(path: folder.rewardsPath)
        #expect(found.rewards == (0..<10).map { Double($0) / 2 } && found.source == "counting")
        let again = Counting()
        try await Labeler(folder: folder).run(source: again)
        #expect(again.asked.indices.withLock { $0 }.isEmpty)
    }

    @Test("a line that a crash cut off is judged anew")
    func cutOff() async throws {
        try await Labeler(folder: folder).run(source: Counting())
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.rewardsPath))
        for length in [whole.count - 1, whole.count - 9, whole.count / 2] {
            try whole.prefix(length).write(to: URL(fileURLWithPath: folder.rewardsPath))
            try await Labeler(folder: folder).run(source: Counting())
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder.rewardsPath)) == whole)
        }
    }

    @Test("of a program that gave too many rewards none is kept, and the next run says so again")
    func tooMany() async throws {
        let source = CommandReward(command: "while read -r line; do echo 1; echo note >&2; echo 2; done")
        for _ in 0..<2 {
            let error = await #expect(throws: RewardError.self) { try await Labeler(folder: folder, path: other).run(source: source) }
            guard case .tooMany(_, record: 0, count: 10)? = error else { throw try #require(error) }
            #expect(try Labeler.rewards(path: other).rewards.isEmpty)
        }
    }

    private var other: String { directory.url.path + "/other.jsonl" }

    @Test("what a program has judged is in the file at once, whatever becomes of us")
    func atOnce() async throws {
        let seen = Mutex([Int]())
        try await Labeler(folder: folder).run(source: Counting()) { done, _ in
            let count = (try? Labeler.rewards(path: folder.rewardsPath).rewards.count) ?? -1
            seen.withLock { $0.append(done - count) }
        }
        #expect(seen.withLock { $0 } == Array(repeating: 0, count: 11))
    }

    @Test("a source that goes by something else now is another source, though its name is the same")
    func otherIdentity() async throws {
        struct Versioned: RewardSource {
            let (name, identity): (String, String)

            func score(_ items: [RewardItem], each: @escaping @Sendable (Int, Double) async throws -> Void) async throws {
                for place in items.indices { try await each(place, 1) }
            }
        }
        try await Labeler(folder: folder).run(source: Versioned(name: "head", identity: "head 1"), name: "reward")
        try await Labeler(folder: folder).run(source: Versioned(name: "head", identity: "head 1"), name: "reward")
        await #expect(throws: RewardError.otherSource(path: folder.rewardsPath, found: "head 1", asked: "head 2")) {
            try await Labeler(folder: folder).run(source: Versioned(name: "head", identity: "head 2"), name: "reward")
        }
    }

    @Test("rewards of two sources are not mixed in one file")
    func otherSource() async throws {
        try await Labeler(folder: folder).run(source: Counting())
        await #expect(throws: RewardError.otherSource(path: folder.rewardsPath, found: "counting", asked: "length")) {
            try await Labeler(folder: folder).run(source: LengthReward())
        }
        let other = Labeler(folder: folder, path: directory.url.path + "/second.jsonl")
        try await other.run(source: LengthReward(), name: "words")
        let found = try Labeler.rewards(path: other.path)
        #expect(found.rewards == Array(repeating: 1, count: 10) && found.source == "words")
    }

    @Test("a file's rewards come by index, or in order; one that lacks a record names it")
    func files() async throws {
        let path = directory.url.path + "/labels.jsonl"
        func rewards(_ text: String) async throws -> [Double] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return try await FileReward(path: path).scores(
                [2, 0].map { RewardItem(index: $0, prompt: Prompt(id: "", text: ""), response: "") }
            )
        }
        #expect(try await rewards("0.5\n\n{\"reward\": 1}\n-2") == [-2, 0.5])
        #expect(try await rewards("{\"index\": 2, \"reward\": 7}\n{\"index\": 0, \"reward\": 8}\n") == [7, 8])
        let missing = await #expect(throws: RewardError.self) { try await rewards("1\n2\n") }
        #expect("\(try #require(missing))".contains("record 2"))
        let bad = await #expect(throws: RewardError.self) { try await rewards("1\nnan\n") }
        #expect("\(try #require(bad))".contains("line 2"))
    }

    @Test("length counts words")
    func length() async throws {
        let item = { RewardItem(index: 0, prompt: Prompt(id: "", text: ""), response: $0) }
        #expect(try await LengthReward().scores([item(" one two\n three "), item("")]) == [3, 0])
    }
}

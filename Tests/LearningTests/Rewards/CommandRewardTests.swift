import Foundation
import Learning
import Synchronization
import Testing

@Suite("Rewards from programs")
struct CommandRewardTests {
    private func items(_ count: Int, response: String = "an answer") -> [RewardItem] {
        (0..<count).map { RewardItem(index: 10 + $0, prompt: Prompt(id: "p\($0)", text: "ask \($0)"), response: response) }
    }

    /// What the source makes of some answers: the rewards that came, and the error.
    private func score(_ command: String, _ items: [RewardItem], timeout: Duration = .seconds(20)) async throws -> (
        rewards: [Double], error: RewardError?
    ) {
        let rewards = Mutex([Double]())
        do {
            try await CommandReward(command: command, timeout: timeout).score(items) { place, reward in
                rewards.withLock {
                    #expect(place == $0.count)
                    $0.append(reward)
                }
            }
            return (rewards.withLock { $0 }, nil)
        } catch let error as RewardError {
            return (rewards.withLock { $0 }, error)
        }
    }

    @Test("numbers and objects are rewards, in order; blank lines are none")
    func answers() async throws {
        let numbered = try await score("n=0; while read -r line; do n=$((n+1)); echo; echo \" $n.5 \"; done", items(3))
        #expect(numbered.rewards == [1.5, 2.5, 3.5] && numbered.error == nil)
        let objects = try await score("while read -r line; do echo '{\"reward\": -0.25, \"why\": \"so\"}'; done", items(2))
        #expect(objects.rewards == [-0.25, -0.25] && objects.error == nil)
    }

    @Test("a program is shown the index, the id, the prompt and the answer")
    func lines() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("rudder-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try await score("tee '\(path)' | while read -r line; do echo 1; done", items(1, response: "first\nsecond"))
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any]
        #expect(object?["index"] as? Int == 10 && object?["id"] as? String == "p0")
        #expect(object?["prompt"] as? String == "ask 0" && object?["response"] as? String == "first\nsecond")
    }

    @Test("a program that dies names the first record it has not judged; what it judged stands")
    func dies() async throws {
        let (rewards, error) = try await score("read -r a; echo 1; read -r b; echo 2; exit 3", items(5))
        #expect(rewards == [1, 2])
        guard case .ended(_, record: 12, let reason)? = error else { throw try #require(error) }
        #expect(reason.contains("3"))
    }

    @Test("a program that ends in good order too early is no better")
    func short() async throws {
        let (rewards, error) = try await score("read -r a; echo 1", items(2000, response: String(repeating: "long ", count: 200)))
        #expect(rewards == [1])
        guard case .ended(_, record: 11, _)? = error else { throw try #require(error) }
    }

    @Test("a program that hangs is ended after the time-out, with all that it started")
    func hangs() async throws {
        let start = ContinuousClock.now
        let (rewards, error) = try await score("read -r a; echo 1; sleep 61.125; echo 2", items(3), timeout: .seconds(1))
        #expect(rewards == [1])
        guard case .timeout(_, record: 11, seconds: 1)? = error else { throw try #require(error) }
        #expect(ContinuousClock.now - start < .seconds(10))
        try await Task.sleep(for: .milliseconds(200))
        #expect(try !isRunning("61.125"))
    }

    @Test("what is no finite number names its record", arguments: ["nan", "inf", "good", "{\"score\": 1}", "{\"reward\": \"1\"}"])
    func notANumber(answer: String) async throws {
        let (rewards, error) = try await score("read -r a; echo 1; read -r b; echo '\(answer)'; cat >/dev/null", items(4))
        #expect(
            rewards == [1]
                && error
                    == .notANumber(
                        source: "command:read -r a; echo 1; read -r b; echo '\(answer)'; cat >/dev/null",
                        record: 11,
                        found: answer
                    )
        )
    }

    @Test("more answers than records are an error")
    func tooMany() async throws {
        let (rewards, error) = try await score("while read -r line; do echo 1; echo 2; done", items(2))
        #expect(rewards == [1, 2])
        guard case .tooMany(_, record: 10, count: 2)? = error else { throw try #require(error) }
    }

    @Test("a last line without its end counts where the program ended well, and may be half a number where it did not")
    func unterminated() async throws {
        let (whole, none) = try await score("cat >/dev/null; printf '1\\n0.5'", items(2))
        #expect(whole == [1, 0.5] && none == nil)
        for end in ["kill -9 $$", "exit 1"] {
            let (rewards, error) = try await score("cat >/dev/null; printf '1\\n0.4'; \(end)", items(2))
            #expect(rewards == [1])
            guard case .ended(_, record: 11, _)? = error else { throw try #require(error) }
        }
        let (hung, late) = try await score("read -r a; printf '1\\n0.4'; sleep 61", items(2), timeout: .milliseconds(400))
        #expect(hung == [1])
        guard case .timeout(_, record: 11, _)? = late else { throw try #require(late) }
    }

    @Test("a program that has judged everything, or closed its output, and does not end is ended")
    func lingers() async throws {
        let start = ContinuousClock.now
        let (rewards, error) = try await score("while read -r line; do echo 1; done; sleep 61", items(2), timeout: .milliseconds(400))
        #expect(rewards == [1, 1])
        guard case .lingered? = error else { throw try #require(error) }
        let (_, closed) = try await score("read -r a; echo 1; exec >&-; sleep 61", items(2), timeout: .milliseconds(400))
        guard case .timeout(_, record: 11, _)? = closed else { throw try #require(closed) }
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test("a program that answers nonsense and reads nothing is ended at once, however much is left to write")
    func deaf() async throws {
        let start = ContinuousClock.now
        let (_, error) = try await score("echo nonsense; sleep 61", items(4000, response: String(repeating: "word ", count: 100)))
        guard case .notANumber(_, record: 10, found: "nonsense")? = error else { throw try #require(error) }
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("a line without end is refused before it fills the memory")
    func endless() async throws {
        let (_, error) = try await score("yes | tr -d '\\n'", items(1))
        guard case .notANumber(_, record: 10, _)? = error else { throw try #require(error) }
    }

    @Test("a program that fails at its end has failed, though it judged everything")
    func failsLate() async throws {
        let (rewards, error) = try await score("while read -r line; do echo 1; done; exit 9", items(2))
        #expect(rewards == [1, 1])
        guard case .failed? = error else { throw try #require(error) }
    }

    @Test("a program that reads nothing before it has written much does not lock up, nor one that reads all first")
    func buffers() async throws {
        let many = items(4000, response: String(repeating: "word ", count: 100))
        let eager = try await score("yes 1 | head -n 4000; cat >/dev/null", many)
        #expect(eager.rewards.count == 4000 && eager.error == nil)
        let late = try await score("cat >/dev/null; yes 1 | head -n 4000", many)
        #expect(late.rewards.count == 4000 && late.error == nil)
    }

    @Test("a program that is not there is an error that says so")
    func absent() async throws {
        let (_, error) = try await score("/nowhere/at-all 2>/dev/null", items(1))
        guard case .ended(_, record: 10, _)? = error else { throw try #require(error) }
    }

    @Test("cancelling the task ends the program, and is no fault of the program's")
    func cancels() async throws {
        let task = Task { try await score("sleep 62.125", items(1)) }
        try await Task.sleep(for: .milliseconds(300))
        let start = ContinuousClock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(ContinuousClock.now - start < .seconds(5))
        try await Task.sleep(for: .milliseconds(200))
        #expect(try !isRunning("62.125"))
    }

    /// Whether there is a process with that in its command line.
    private func isRunning(_ text: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { name in
            Int(name) != nil && (try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .utf8))?.contains(text) == true
        }
    }
}

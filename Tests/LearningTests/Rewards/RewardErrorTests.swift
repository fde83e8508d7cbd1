import Learning
import Testing

@Suite("What errors of the learning pipeline say")
struct RewardErrorTests {
    @Test(
        "each says what to do next",
        arguments: [
            (RewardError.unavailable(source: "s", reason: "why"), "; is it installed, and on the PATH?"),
            (.timeout(source: "s", record: 1, seconds: 2), "; --timeout gives it longer"),
            (.lingered(source: "s", seconds: 2), "; it must end when its input does"),
            (.notANumber(source: "s", record: 1, found: "x"), "; it must give one number"),
            (.tooMany(source: "s", record: 1, count: 2), "; it must give one number"),
            (.wrongCount(source: "s", record: 1, expected: 2, found: 3), "; it must give one number"),
            (.otherSource(path: "p", found: "a", asked: "b"), "; remove it to label anew"),
        ]
    )
    func rewards(error: RewardError, step: String) {
        #expect("\(error)".contains(step))
    }

    @Test("a broken shard and a training that left the finite numbers, too")
    func others() {
        #expect(
            "\(RolloutError.badShard(path: "p", reason: "why"))".contains("; remove the folder, and sample again with `rudder rollouts`")
        )
        #expect("\(TrainingError.diverged(epoch: 1))".contains("--learning-rate"))
    }
}

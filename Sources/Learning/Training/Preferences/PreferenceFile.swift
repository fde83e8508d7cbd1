/// A file of pairs of answers as HH-RLHF has them: `{"chosen": dialogue, "rejected": dialogue}` a line, the two dialogues differing in the last answer
/// (Bai et al., arXiv:2204.05862).
public struct PreferenceFile: Sendable {
    /// The pairs, in the file's order.
    public let pairs: [PreferencePair]
    /// How many lines had no two answers to one prompt, and were left out.
    public let skipped: Int

    private struct Line: Decodable {
        let chosen: String
        let rejected: String
    }

    /// Reads a file. Lines whose dialogues end otherwise, or whose answers are empty or the same, are left out.
    ///
    /// - Throws: ``LineError``
    public init(path: String) throws(LineError) {
        var (pairs, skipped) = ([PreferencePair](), 0)
        do throws(LineError) {
            try JSONLines.read(path) { (line: Line, number) throws(LineError) in
                guard let (messages, chosen) = DialogueText.split(line.chosen), let (others, rejected) = DialogueText.split(line.rejected),
                    messages == others, chosen != rejected, !chosen.isEmpty, !rejected.isEmpty
                else {
                    skipped += 1
                    return
                }
                pairs.append(PreferencePair(prompt: Prompt(id: "\(number)", messages: messages), chosen: chosen, rejected: rejected))
            }
            guard !pairs.isEmpty else {
                throw LineError(path: path, line: nil, reason: "there is no pair in it: two dialogues that differ in their last answer")
            }
        } catch {
            throw error.advising("each line is {\"chosen\": \"…\", \"rejected\": \"…\"}, as in HH-RLHF")
        }
        self.pairs = pairs
        self.skipped = skipped
    }
}

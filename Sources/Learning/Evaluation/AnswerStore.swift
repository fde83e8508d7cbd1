import Foundation
import Inference
import ModelFiles

/// The answers of an evaluation on disk, a file for each method: what an interrupted one goes on from.
struct AnswerStore: Sendable {
    let folder: String

    private static let anew = "choose another folder, or remove it"

    private struct Heading: Codable {
        let identity: String
    }

    /// Opens a folder, and makes it where there is none.
    ///
    /// - Throws: ``LineError`` where it holds another evaluation's answers.
    init(folder: String, identity: String) throws {
        self.folder = folder
        try OutputFolder.make(folder)
        let path = folder + "/evaluation.jsonl"
        if FileManager.default.fileExists(atPath: path) {
            var found = ""
            do throws(LineError) {
                try JSONLines.read(path) { (heading: Heading, _) throws(LineError) in found = heading.identity }
            } catch {
                throw error.advising(Self.anew)
            }
            guard found == identity else {
                throw LineError(
                    path: folder,
                    line: nil,
                    reason: "holds answers to other prompts, or made with another head or settings",
                    nextStep: Self.anew
                )
            }
        } else {
            try AtomicFile.replace(path, with: try JSONLines.line(Heading(identity: identity)))
        }
    }

    /// The answers of a method: those there are, and the others as the method makes them.
    ///
    /// - Parameters:
    ///   - name: the method's, for its file.
    ///   - prompts: what is asked.
    ///   - method: makes answers.
    ///   - progress: told of answers there are.
    func answers(
        _ name: String,
        prompts: [Prompt],
        method: any AnswerMethod,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws -> [MethodAnswer] {
        let path = "\(folder)/answers-\(name).jsonl"
        var (answers, bytes) = ([MethodAnswer](), 0)
        if FileManager.default.fileExists(atPath: path) {
            var isWhole = true
            try JSONLines.lines(path) { (line, _, hasEnd) throws(LineError) in
                guard isWhole, hasEnd, answers.count < prompts.count,
                    let answer = try? JSONDecoder().decode(MethodAnswer.self, from: Data(line))
                else {
                    isWhole = false
                    return
                }
                answers.append(answer)
                bytes += line.count + 1
            }
        }
        progress(answers.count)
        guard answers.count < prompts.count else { return answers }
        let made = AnswerLog(file: try AppendedFile(path: path, keeping: bytes), answers: answers)
        try await method.answer(prompts[answers.count...]) { _, answer in
            progress(try await OffPool.run { try made.append(answer) })
        }
        return made.all
    }

    /// What a judge says of a method's answers: what it said of the same ones before, where it did.
    ///
    /// - Parameters:
    ///   - name: the method's, for the file.
    ///   - judge: who judges.
    ///   - items: the answers.
    ///   - progress: told of answers judged, and of how many.
    func scores(
        _ name: String,
        judge: NamedJudge,
        items: [RewardItem],
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
    ) async throws -> [Double] {
        let file = String(judge.name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
        let path = "\(folder)/scores-\(name)-\(file).jsonl"
        let identity = try Fingerprint.of(Array(judge.source.identity.utf8) + items.flatMap { try JSONLines.line($0) })
        var log = try? RewardLog(path: path)
        if log?.identity != identity {
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
            log = nil
        }
        return try await (log ?? RewardLog(path: path))
            .complete(items, judge: judge.source, name: judge.source.name, identity: identity, progress: progress)
    }
}

import Foundation
import ModelFiles

/// A file of prompts, one JSON object a line, of which no more than where each line begins is kept in memory.
public struct PromptIndex: PromptList {
    private struct Line {
        let offset: Int
        let length: Int
        /// Counted from 1.
        let number: Int
    }

    private let file: FileDescriptor
    private let lines: [Line]

    /// Reads a file through, and checks every line.
    ///
    /// - Parameter path: a file, not a pipe, for its lines are read again when they are needed.
    /// - Throws: ``LineError`` that names the line.
    public init(path: String) throws(LineError) {
        do throws(ModelFileError) {
            file = try FileDescriptor(forReading: path)
        } catch {
            throw LineError(path: path, line: nil, reason: "cannot be opened as a file of prompts: \(error)", nextStep: Prompt.fileForm)
        }
        var (lines, offset) = ([Line](), 0)
        do throws(LineError) {
            try JSONLines.lines(path) { (bytes, number, hasEnd) throws(LineError) in
                if try JSONLines.decode(Prompt.self, bytes, path: path, line: number) != nil {
                    lines.append(Line(offset: offset, length: bytes.count, number: number))
                }
                offset += bytes.count + (hasEnd ? 1 : 0)
            }
            guard !lines.isEmpty else { throw LineError(path: path, line: nil, reason: "there is no prompt in it") }
        } catch {
            throw error.advising(Prompt.fileForm)
        }
        self.lines = lines
    }

    /// How many prompts there are.
    public var count: Int { lines.count }

    /// The prompt of a line; one without an id is named by the line's number.
    public func prompt(at place: Int) throws(LineError) -> Prompt {
        let line = lines[place]
        var bytes = [UInt8](repeating: 0, count: line.length)
        let isWhole: Bool
        do throws(ModelFileError) {
            isWhole = try file.fill(&bytes, from: line.offset)
        } catch {
            throw LineError(path: file.path, line: line.number, reason: "\(error)")
        }
        guard isWhole, let prompt = try JSONLines.decode(Prompt.self, bytes[...], path: file.path, line: line.number) else {
            throw LineError(
                path: file.path,
                line: line.number,
                reason: "was there when the file was first read, and is not any more",
                nextStep: "leave the file as it is while it is read, and run the same command again"
            )
        }
        return prompt.named("\(line.number)")
    }
}

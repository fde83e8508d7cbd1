import Foundation
import Learning
import TestSupport
import Testing

@Suite("Prompts that stay in their file")
struct PromptIndexTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func file(_ text: String) throws -> String {
        try directory.file(text)
    }

    @Test("they are those of the whole file, in any order, whether its last line has an end or not", arguments: ["", "\n"])
    func same(end: String) throws {
        let lines = (0..<40).map {
            "{\"prompt\": \"\(String(repeating: "é", count: $0 * 7)) \($0)\"\($0 % 3 == 0 ? ", \"id\": \($0)" : "")}"
        }
        let path = try file(lines.joined(separator: "\n\n") + end)
        let (whole, index) = (try PromptFile(path: path).prompts, try PromptIndex(path: path))
        #expect(index.count == 40 && whole.count == 40)
        for place in (0..<40).reversed() { #expect(try index.prompt(at: place) == whole[place]) }
        #expect(try index.prompt(at: 1).id == "3", "named by its line")
    }

    @Test("a bad line is named when the file is opened, and a pipe is refused")
    func refuses() throws {
        let error = #expect(throws: LineError.self) { try PromptIndex(path: file("{\"prompt\": \"a\"}\n{}\n")) }
        #expect(error?.line == 2)
        #expect(throws: LineError.self) { try PromptIndex(path: file("\n")) }
        #expect(throws: LineError.self) { try PromptIndex(path: "/dev/null") }
        #expect(throws: LineError.self) { try PromptIndex(path: directory.url.path + "/none") }
    }

    @Test("a file that changes under it is an error, never another prompt's beginning")
    func changes() throws {
        let path = try file("{\"prompt\": \"one\"}\n{\"prompt\": \"two\"}\n")
        let index = try PromptIndex(path: path)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: 22)
        #expect(try index.prompt(at: 0).text == "one")
        let error = #expect(throws: LineError.self) { try index.prompt(at: 1) }
        #expect(error?.line == 2)
    }
}

import Foundation
import TestSupport
import Testing
import rudder

@Suite("The history between two runs")
struct HistoryFileTests {
    @Test("entries come back as they were, line ends and backslashes too, from a file of the owner's alone")
    func roundTrip() throws {
        let folder = try TemporaryDirectory()
        let file = try #require(HistoryFile.standard(["XDG_STATE_HOME": folder.url.path, "HOME": "/nowhere"]))
        #expect(file.read().isEmpty)
        let entries = ["one", "two\nlines", #"a \n that is none, and \\"#, "漢字"]
        for entry in entries { file.append(entry) }
        #expect(file.read() == entries)
        let path = folder.url.appendingPathComponent("rudder/history").path
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    }

    @Test("a long file is shortened to the newest entries")
    func long() throws {
        let folder = try TemporaryDirectory()
        let path = folder.url.appendingPathComponent("history").path
        let lines = (0...(2 * LineHistory.capacity)).map { "\($0)" }
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        #expect(HistoryFile(path: path).read() == lines.suffix(LineHistory.capacity))
        #expect(try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count == LineHistory.capacity)
    }

    @Test("a very long entry is not remembered, and a file of many bytes is shortened")
    func large() throws {
        let folder = try TemporaryDirectory()
        let path = folder.url.appendingPathComponent("history").path
        let file = HistoryFile(path: path)
        file.append(String(repeating: "x", count: (16 << 10) + 1))
        file.append("short")
        #expect(file.read() == ["short"])
        let lines = (0..<600).map { "\($0)" + String(repeating: "y", count: 8000) }
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let huge = String(repeating: "z", count: 1 << 20)
        try "\(huge)\n\(lines.joined(separator: "\n"))\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(file.read() == lines)
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("z") == false)
    }

    @Test("a carriage return before a line end does not keep it from being escaped")
    func returns() throws {
        let folder = try TemporaryDirectory()
        let file = HistoryFile(path: folder.url.appendingPathComponent("history").path)
        file.append("one\r\ntwo")
        #expect(file.read() == ["one\r\ntwo"])
    }

    @Test("without a place to be, there is no history")
    func noPlace() {
        #expect(HistoryFile.standard([:]) == nil)
        #expect(HistoryFile.standard(["XDG_STATE_HOME": "relative"]) == nil)
    }
}

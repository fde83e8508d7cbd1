import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("JSON files")
struct JSONTreeTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func read(_ text: String) throws -> JSONTree {
        try JSONTree(path: directory.file(text))
    }

    @Test("every kind of value is read")
    func values() throws {
        let json = try read(#" {"a": [1, -2.5e1, 0, true, false, null], "b": {"c": "\u00e9\ud83d\ude42\n\"/"}, "é": {}} "#)
        #expect(json["a"]?.array == [.number(1), .number(-25), .number(0), .bool(true), .bool(false), .null])
        #expect(json["b"]?["c"]?.string == "é🙂\n\"/" && json["é"]?.members == [] && json["x"] == nil)
        #expect(json["a"]?.array?[0].integer == 1 && json["a"]?.array?[1].integer == -25 && json["a"]?.array?[5].string == nil)
        #expect(try read("1e400") == .number(.infinity) && read("1.5").integer == nil && read("1e300").integer == nil)
    }

    @Test("names that differ in their bytes are different, and of one that comes twice the last counts")
    func names() throws {
        let json = try read("{\"\u{e9}\": 1, \"e\u{301}\": 2, \"a\": 3, \"a\": 4, \"b\": null}")
        #expect(json["\u{e9}"]?.integer == 1 && json["e\u{301}"]?.integer == 2 && json["a"]?.integer == 4 && json["b"] == nil)
    }

    @Test(
        "what is no JSON is refused with the file and the place",
        arguments: [
            "", "{", "[1,]", "{\"a\" 1}", "01", "1.", "+1", "-", "1e", "nul", "tru", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\u{1}\"", "[1] 2",
            "'a'", "NaN",
            "{1: 2}", "\"\\u12g4\"",
        ]
    )
    func refusals(text: String) throws {
        let path = try directory.file(text)
        let error = try #require(#expect(throws: ModelFileError.self) { try JSONTree(path: path) })
        #expect("\(error)".contains(path) && "\(error)".contains("at byte"))
    }

    @Test("values nested too deep are refused, not followed")
    func depth() throws {
        #expect(try read(String(repeating: "[", count: 60) + String(repeating: "]", count: 60)).array != nil)
        #expect(throws: ModelFileError.self) { try read(String(repeating: "[", count: 1_000_000)) }
    }
}

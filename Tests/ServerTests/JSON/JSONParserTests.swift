import Server
import Testing

@Suite("JSON as requests send it")
struct JSONParserTests {
    @Test(
        "values of every kind",
        arguments: [
            ("null", JSONValue.null),
            (" true ", .bool(true)),
            ("-0", .number(.integer(0))),
            ("9223372036854775807", .number(.integer(.max))),
            ("18446744073709551615", .number(.unsigned(.max))),
            ("36893488147419103232", .number(.float(36_893_488_147_419_103_232))),
            ("1.5e3", .number(.float(1500))),
            ("1e999", .number(.unrepresentable)),
            (#""a\u00e9\ud83d\ude00\n\/""#, .string("aé😀\n/")),
            ("[1, []]", .array([.number(.integer(1)), .array([])])),
            (#"{"a": {}, "b": [{}]}"#, .object([JSONKey("a"): .object([:]), JSONKey("b"): .array([.object([:])])])),
            ("\u{FEFF}{}", .object([:])),
        ]
    )
    func values(text: String, expected: JSONValue) throws {
        #expect(try JSONParser.parse(text) == expected)
    }

    @Test(
        "what is no JSON is refused",
        arguments: [
            "", " ", "nul", "01", "1.", "1.e3", ".5", "+1", "-", "1e", "[1,]", "[1 2]", "{\"a\" 1}", "{\"a\":1,}", "{a:1}", "{\"a\":}",
            "\"\\x\"",
            "\"\\u12g4\"", "\"\n\"", "\"abc", "[", "{", "{} {}", "NaN", "Infinity", "'a'",
            #""\ud83d""#, #""\ud83dx""#, #""\ud83d\u0041""#, #""\ude00""#,
        ]
    )
    func refusals(text: String) {
        #expect(throws: JSONParseError.self) { try JSONParser.parse(text) }
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [[0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]]
    )
    func invalidUnicode(bytes: [UInt8]) {
        #expect(throws: JSONParseError.invalidString(offset: 0)) { try JSONParser.parse([0x22] + bytes + [0x22]) }
    }

    @Test("nesting is bounded, whatever its depth")
    func nesting() throws {
        let deep = JSONParser.defaultDepth
        _ = try JSONParser.parse(String(repeating: "[", count: deep) + String(repeating: "]", count: deep))
        for opening in ["[", "{\"a\":"] {
            #expect(throws: JSONParseError.tooDeep(limit: deep)) { try JSONParser.parse(String(repeating: opening, count: 1_000_000)) }
        }
    }

    @Test("of members with the same name the last one counts")
    func duplicates() throws {
        #expect(try JSONParser.parse(#"{"a": 1, "a": 2}"#)["a"] == .number(.integer(2)))
    }

    @Test("names are compared byte for byte")
    func names() throws {
        let value = try JSONParser.parse("{\"\u{e9}\": 1, \"e\u{301}\": 2}")
        #expect(value["\u{e9}"] == .number(.integer(1)))
        #expect(value["e\u{301}"] == .number(.integer(2)))
    }
}

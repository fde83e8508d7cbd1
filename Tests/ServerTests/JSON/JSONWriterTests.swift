import Server
import Testing

@Suite("JSON as answers hold it")
struct JSONWriterTests {
    @Test("objects, arrays and commas")
    func structure() {
        var writer = JSONWriter(prefix: "data: ")
        writer.object { writer in
            writer.member("a", 1)
            writer.name("b")
            writer.array { writer in
                writer.value("x")
                writer.object { _ in }
                writer.array { _ in }
                writer.null()
                writer.value(true)
            }
            writer.member("c", optional: String?.none)
        }
        writer.append("\n\n")
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "data: {\"a\":1,\"b\":[\"x\",{},[],null,true],\"c\":null}\n\n")
    }

    @Test("texts come back as they were", arguments: ["", "a\"b\\c", "\u{0}\u{1F}\n\r\t\u{7F}", "é😀\u{2028}", "</script>"])
    func texts(text: String) throws {
        var writer = JSONWriter()
        writer.value(text)
        #expect(try JSONParser.parse(writer.bytes) == .string(text))
    }

    @Test("numbers come back as they were; what JSON cannot hold is null")
    func numbers() throws {
        for number in [0.1, -1e-7, 1e300, .leastNonzeroMagnitude, 3] as [Double] {
            var writer = JSONWriter()
            writer.value(number)
            guard case .number(let read) = try JSONParser.parse(writer.bytes) else { throw TestFailure("no number") }
            #expect(read.double == number)
        }
        for number in [Float.nan, .infinity, -.infinity] {
            var writer = JSONWriter()
            writer.value(number)
            #expect(writer.bytes == Array("null".utf8))
        }
    }
}

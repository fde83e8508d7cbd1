import HTTP
import Testing

@Suite("Forms")
struct MultipartDecoderTests {
    private static let type = "multipart/form-data; boundary=XyZ"

    /// What a form consists of: its parts with their content.
    private func decode(_ text: String, contentType: String? = type, pieces: Int = .max) throws -> [(part: MultipartPart, content: String)]
    {
        var decoder = try MultipartDecoder(contentType: contentType)
        var parts: [(part: MultipartPart, content: String)] = []
        var rest = Array(text.utf8)[...]
        while true {
            while let event = try decoder.next() {
                switch event {
                case .part(let part): parts.append((part, ""))
                case .content(let bytes): parts[parts.count - 1].content += String(decoding: bytes, as: UTF8.self)
                }
            }
            guard !rest.isEmpty else { break }
            decoder.append(Array(rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
        }
        guard decoder.hasEnded else { throw MultipartError.unfinished }
        return parts
    }

    private static let form =
        "ignored\r\n--XyZ\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--XyZ  \r\nContent-Type: text/plain\r\n"
        + "content-disposition: FORM-DATA; filename=\"a \\\"b\\\" c:\\d.jsonl\"; name=file\r\n\r\na\r\n--Xy\r\n\r--XyZ\n\r\n--XyZ--\r\nignored, too"

    @Test("parts and their content come out whole, wherever the body is cut", arguments: [1, 2, 3, 5, 7, 11, 64, 100_000])
    func pieces(size: Int) throws {
        let parts = try decode(Self.form, pieces: size)
        #expect(
            parts.map(\.part) == [
                MultipartPart(name: "purpose", filename: nil), MultipartPart(name: "file", filename: "a \"b\" c:\\d.jsonl"),
            ]
        )
        // What only looks like a boundary is content.
        #expect(parts.map(\.content) == ["batch", "a\r\n--Xy\r\n\r--XyZ\n"])
    }

    @Test("no more is kept than what may be a boundary's beginning")
    func isBounded() throws {
        var decoder = try MultipartDecoder(contentType: Self.type)
        decoder.append(Array("--XyZ\r\nContent-Disposition: form-data; name=f; filename=\"%22.txt\"\r\n\r\n".utf8))
        #expect(try decoder.next() == .part(MultipartPart(name: "f", filename: "\".txt")))
        for _ in 0..<100 {
            decoder.append(Array(repeating: 0x61, count: 1000))
            #expect(try decoder.next() == .content(Array(repeating: 0x61, count: 1000)))
            #expect(try decoder.next() == nil)
        }
        #expect(!decoder.hasEnded)
    }

    @Test("a quoted boundary is read, and an empty form and an empty part are ones")
    func small() throws {
        #expect(try decode("--a b--", contentType: "multipart/form-data; charset=utf-8; boundary=\"a b\"").isEmpty)
        let parts = try decode("--XyZ\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n\r\n--XyZ--")
        #expect(parts.map(\.content) == [""])
    }

    @Test(
        "what is no form is refused",
        arguments: [
            (nil, "", MultipartError.notMultipart),
            ("application/json", "", .notMultipart),
            ("multipart/form-data", "", .badBoundary),
            ("multipart/form-data; boundary=", "", .badBoundary),
            ("multipart/form-data; boundary=a; boundary=b", "", .badBoundary),
            ("multipart/form-data; boundary=\"a", "", .badBoundary),
            ("multipart/form-data; boundary=\(String(repeating: "a", count: 71))", "", .badBoundary),
            ("multipart/form-data-x; boundary=a", "", .badBoundary),
            (type, "", .unfinished),
            (type, "XyZ--", .unfinished),
            (type, "--XyZ", .unfinished),
            (type, "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\nabc\r\n--Xy", .unfinished),
        ] as [(String?, String, MultipartError)]
    )
    func refusals(contentType: String?, text: String, error: MultipartError) {
        #expect(throws: error) { try decode(text, contentType: contentType) }
    }

    @Test(
        "a part with a bad header is refused",
        arguments: [
            "--XyZ\r\n\r\nabc", "--XyZ\r\nContent-Type: a/b\r\n\r\nabc", "--XyZ\r\nContent-Disposition: form-data\r\n\r\nabc",
            "--XyZ\r\nContent-Disposition: attachment; name=a\r\n\r\n", "--XyZ\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n",
            "--XyZ\r\nContent-Disposition: form-data; name=\"a\r\n\r\n", "--XyZ\r\nno colon\r\n\r\n", "--XyZ\nContent-Disposition: x\n\n",
            "--XyZabc\r\n", "--XyZ\r\nContent-Disposition: form-data; name=a\nx: y\r\n\r\n",
            "--XyZ\r\nX: \(String(repeating: "a", count: 9000))\r\n\r\n",
            "--XyZ\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=a\r\n\r\n",
        ]
    )
    func badParts(text: String) {
        let error = #expect(throws: MultipartError.self) { try decode(text) }
        guard case .badPart? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}

import HTTP

/// Forms (multipart/form-data): parts and content must not depend on the pieces in which they arrive.
struct FormFuzz: FuzzTarget {
    private struct Part: Equatable {
        let part: MultipartPart
        var content: [UInt8] = []
    }

    func run(_ input: [UInt8]) {
        var input = FuzzInput(input)
        // The Content-Type may be part of the input, up to a line feed.
        var contentType = "multipart/form-data; boundary=x"
        if input.byte() == UInt8(ascii: "T") {
            let (type, body) = input.split(at: 0x0a)
            contentType = String(decoding: type, as: UTF8.self)
            input = FuzzInput(body)
        }
        let pieces = input.pieces()
        guard let whole = Self.decode([pieces.flatMap { $0 }], contentType), let cut = Self.decode(pieces, contentType) else { return }
        Oracle.expect(whole.parts == cut.parts, "the parts do not depend on how they arrive")
        Oracle.expect(whole.ending == cut.ending, "the end does not depend on how the form arrives: \(whole.ending) and \(cut.ending)")
    }

    private static func decode(_ pieces: [[UInt8]], _ contentType: String) -> (parts: [Part], ending: String)? {
        guard var decoder = try? MultipartDecoder(contentType: contentType) else { return nil }
        var parts: [Part] = []
        do throws(MultipartError) {
            for piece in pieces {
                decoder.append(piece)
                while let event = try decoder.next() {
                    switch event {
                    case .part(let part): parts.append(Part(part: part))
                    case .content(let bytes):
                        Oracle.expect(!parts.isEmpty && !bytes.isEmpty, "content belongs to a part")
                        parts[parts.count - 1].content += bytes
                    }
                }
            }
        } catch {
            return (parts, "refused")
        }
        return (parts, decoder.hasEnded ? "ended" : "unfinished")
    }
}

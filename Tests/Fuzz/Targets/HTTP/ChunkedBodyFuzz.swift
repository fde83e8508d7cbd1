import HTTP

/// Chunked bodies: content and end must not depend on the pieces in which they arrive, and the content, in chunks again, must be the same.
struct ChunkedBodyFuzz: FuzzTarget {
    private enum Ending: Equatable {
        case end(used: Int)
        case incomplete
        case malformed
    }

    func run(_ input: [UInt8]) {
        var input = FuzzInput(input)
        let pieces = input.pieces()
        let whole = Self.decode([pieces.flatMap { $0 }])
        let cut = Self.decode(pieces)
        Oracle.expect(whole == cut, "the body does not depend on how it arrives: \(whole.ending) and \(cut.ending)")
        guard case .end = whole.ending else { return }
        var chunks: [UInt8] = []
        for start in stride(from: 0, to: whole.content.count, by: 10) {
            let chunk = whole.content[start..<min(start + 10, whole.content.count)]
            chunks += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [0x0d, 0x0a]
        }
        chunks += Array("0\r\n\r\n".utf8)
        Oracle.expect(Self.decode([chunks]) == (whole.content, .end(used: chunks.count)), "the content in chunks is the content")
    }

    /// Keeps what was not used up, as a connection does.
    private static func decode(_ pieces: [[UInt8]]) -> (content: [UInt8], ending: Ending) {
        var (decoder, content, waiting, total) = (ChunkedDecoder(), [UInt8](), [UInt8](), 0)
        for piece in pieces {
            waiting += piece
            reading: while true {
                let (event, used) = decoder.next(waiting[...])
                Oracle.expect((0...waiting.count).contains(used), "no more is used than there is")
                if case .data(let range) = event { content += waiting[range] }
                waiting.removeFirst(used)
                total += used
                switch event {
                case .data: continue
                case .end: return (content, .end(used: total))
                case .malformed: return (content, .malformed)
                case .incomplete: break reading
                }
            }
        }
        return (content, .incomplete)
    }
}

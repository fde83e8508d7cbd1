import HTTP
import HTTPTypes

/// Heads of requests: what comes out must not depend on the pieces in which they arrive, and an accepted head, written again, must be the same.
struct RequestHeadFuzz: FuzzTarget {
    private static let hostField = HTTPField.Name("Host")
    private static let limits = [64, 1 << 10, 64 << 10]

    func run(_ input: [UInt8]) {
        var input = FuzzInput(input)
        let limit = Self.limits[Int(input.byte()) % Self.limits.count]
        let pieces = input.pieces()
        let bytes = pieces.flatMap { $0 }
        let whole = RequestHeadDecoder.decode(bytes[...], limit: limit)
        var (received, progress) = ([UInt8](), HeadProgress())
        for piece in pieces {
            received += piece
            guard progress.isWorthParsing(received[...], limit: limit) else { continue }
            let outcome = RequestHeadDecoder.decode(received[...], limit: limit)
            switch (outcome, whole) {
            case (.incomplete, _): continue
            case (.head(let head, let used), .head(let expected, let expectedUsed)):
                Oracle.expect(used == expectedUsed && Self.isSame(head, expected), "the head does not depend on how it arrives")
                return Self.check(head)
            case (.refused(let error), .refused(let expected)):
                return Oracle.expect(error.status == expected.status, "the refusal does not depend on how the head arrives")
            default: return Oracle.expect(false, "the outcome does not depend on how the head arrives: \(outcome) and \(whole)")
            }
        }
        if case .head = whole { Oracle.expect(false, "a head that has arrived whole is found") }
    }

    /// Writes a head that was accepted as it was understood, and reads it again.
    private static func check(_ head: RequestHead) {
        let request = head.request
        var text = "\(request.method.rawValue) \(request.path ?? "") HTTP/1.\(head.minorVersion)\r\n"
        for field in request.headerFields { text += "\(field.name.rawName): \(field.value)\r\n" }
        let bytes = Array("\(text)\r\n".utf8)
        // An absolute target names the authority, which the path alone does not.
        guard bytes.count <= 64 << 10, request.authority == hostField.flatMap({ request.headerFields[$0] }) else { return }
        guard case .head(let again, let used) = RequestHeadDecoder.decode(bytes[...], limit: 128 << 10) else {
            return Oracle.expect(false, "an accepted head, written again, is accepted: \(text)")
        }
        Oracle.expect(used == bytes.count && isSame(again, head), "an accepted head, written again, is the same: \(text)")
    }

    private static func isSame(_ first: RequestHead, _ second: RequestHead) -> Bool {
        first.request == second.request && first.minorVersion == second.minorVersion && first.framing == second.framing
            && first.keepsAlive == second.keepsAlive && first.expectsContinue == second.expectsContinue
    }
}

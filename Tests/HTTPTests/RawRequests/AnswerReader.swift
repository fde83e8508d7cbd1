/// Takes a server's answers apart, as strictly as a client must that shares its connection with others.
struct AnswerReader {
    /// One answer.
    struct Answer: Sendable {
        let status: Int
        /// Names in lower case.
        let fields: [(name: String, value: String)]
        let body: String
    }

    private let client: RawClient
    private var bytes: [UInt8] = []

    init(_ client: RawClient) {
        self.client = client
    }

    /// The next answer; nil where there is none, or what comes is not one.
    mutating func next(toHead: Bool = false) -> Answer? {
        while true {
            if let end = headEnd() { return answer(head: String(decoding: bytes[..<end], as: UTF8.self), end + 4, toHead: toHead) }
            guard let piece = client.readSome() else { return nil }
            bytes += piece
        }
    }

    /// Whatever else comes until the server closes.
    mutating func rest() -> String {
        while let piece = client.readSome() { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func headEnd() -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) }
    }

    private mutating func answer(head: String, _ bodyStart: Int, toHead: Bool) -> Answer? {
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[0] == "HTTP/1.1", let status = Int(words[1]) else { return nil }
        let fields = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (name: line[..<colon].lowercased(), value: String(line[colon...].dropFirst(2)))
        }
        let lengths = fields.filter { $0.name == "content-length" }.compactMap { Int($0.value) }
        let hasBody = !toHead && status >= 200 && status != 204 && status != 304
        guard lengths.count == (status < 200 || status == 204 ? 0 : 1) else { return nil }
        let end = bodyStart + (hasBody ? lengths.first ?? 0 : 0)
        while bytes.count < end {
            guard let piece = client.readSome() else { return nil }
            bytes += piece
        }
        defer { bytes.removeFirst(end) }
        return Answer(status: status, fields: fields, body: String(decoding: bytes[bodyStart..<end], as: UTF8.self))
    }
}
